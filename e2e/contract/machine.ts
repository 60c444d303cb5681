import { type VmFacts, vmFacts } from '@/lib/kinds/vm/facts';
import { type Answer, type TestSandbox, testVm, type VmSpec } from '@/sandbox/testing';

export const NS = 'contract';
/** A finalizer that no controller of the cluster knows, so that what carries it stays. */
export const FOREIGN = 'contract.example.com/hold';

/** How the VM's spec says when it runs; the last two are the deprecated field. */
export type RunForm =
  | 'Always'
  | 'Halted'
  | 'Manual'
  | 'RerunOnFailure'
  | 'Once'
  | 'WaitAsReceiver'
  | 'running: true'
  | 'running: false';

interface Shape {
  guest?: (spec: VmSpec & Record<string, unknown>) => void;
  spec?: object;
  finalizers?: string[];
}

/** One VM of the test's own, driven over HTTPS. */
export class Machine {
  constructor(
    private readonly sandbox: TestSandbox,
    readonly name: string,
    readonly form: RunForm,
  ) {}

  async create({ guest, spec, finalizers }: Shape = {}): Promise<void> {
    // testVm's shape is known, and kept loose on purpose: these VMs differ from it in fields that it doesn't name.
    const vm = testVm(this.name, this.form, guest as (spec: VmSpec) => void) as {
      metadata: Record<string, unknown>;
      spec: Record<string, unknown>;
    };
    if (finalizers) vm.metadata.finalizers = finalizers;
    Object.assign(vm.spec, spec);
    if (this.form.startsWith('running')) {
      delete vm.spec.runStrategy;
      vm.spec.running = this.form === 'running: true';
    }
    accepted(await this.sandbox.createVm(vm, NS), `create ${this.name}`);
  }

  /** Creates it and sees to it that KubeVirt wants it to run. */
  async launch(shape: Shape = {}): Promise<void> {
    await this.create(shape);
    if (['Halted', 'Manual', 'running: false'].includes(this.form)) await this.act('start');
  }

  async act(action: 'start' | 'stop' | 'restart', body: object = {}): Promise<void> {
    accepted(await this.sandbox.act(NS, this.name, action, body), `${action} ${this.name}`);
  }

  async actOnInstance(action: string): Promise<void> {
    accepted(await this.sandbox.actOnInstance(NS, this.name, action), `${action} ${this.name}`);
  }

  async delete(): Promise<void> {
    accepted(await this.sandbox.deleteVm(NS, this.name), `delete ${this.name}`);
  }

  /** What the console knows of it; undefined once it is gone. */
  async facts(): Promise<VmFacts | undefined> {
    const [vm, vmi] = await Promise.all([this.sandbox.vm(NS, this.name), this.sandbox.vmi(NS, this.name)]);
    if (vm.status !== 200) return undefined;
    return vmFacts(vm.body, vmi.status === 200 ? vmi.body : undefined);
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.sandbox.ask(method, path, body);
  }

  async until(is: (facts: VmFacts) => boolean, what: string): Promise<void> {
    await this.sandbox.until(
      async () => {
        const facts = await this.facts();
        return { status: 0, contentType: '', text: JSON.stringify(facts), body: facts };
      },
      ({ body }) => body !== undefined && is(body),
      `${this.name} (${this.form}) is ${what}`,
    );
  }

  untilPhase(phase: string): Promise<void> {
    return this.until(({ vmi }) => vmi?.phase === phase, phase);
  }

  /** Keeps the instance after its end. */
  async holdInstance(): Promise<void> {
    await this.hold(this.instancePath);
  }

  async deleteInstance(): Promise<void> {
    accepted(await this.ask('DELETE', this.instancePath), `delete the instance of ${this.name}`);
  }

  /** Keeps the launcher pod, and with it the phase of an instance that has not come to run. */
  async holdPod(): Promise<void> {
    await this.hold(await this.podPath());
  }

  /** A graceful end of the launcher shuts the guest down; one without grace is a crash. */
  async endPod(options: object = {}): Promise<void> {
    const path = await this.podPath();
    accepted(
      await this.ask('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', ...options }),
      `delete ${path}`,
    );
  }

  private get instancePath(): string {
    return `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances/${this.name}`;
  }

  private async podPath(): Promise<string> {
    const pods = `/api/v1/namespaces/${NS}/pods`;
    const selector = `?labelSelector=vm.kubevirt.io/name%3D${this.name}`;
    const { body } = await this.sandbox.until(
      () => this.ask('GET', pods + selector),
      ({ body }) => body.items.length > 0,
      `${this.name} has a pod`,
    );
    return `${pods}/${body.items[0].metadata.name}`;
  }

  private async hold(path: string): Promise<void> {
    await this.sandbox.until(
      async () => {
        const { metadata } = (await this.ask('GET', path)).body;
        const finalizers = [...(metadata.finalizers ?? []), FOREIGN];
        // Controllers write as well: whoever comes second reads again.
        return this.ask('PATCH', path, {
          metadata: { finalizers, resourceVersion: metadata.resourceVersion },
        });
      },
      ({ status }) => status === 200,
      `${path} is held`,
    );
  }
}

function accepted({ status, text }: Answer, what: string): void {
  if (status >= 300) throw new Error(`Cannot ${what}: ${status} ${text}`);
}
