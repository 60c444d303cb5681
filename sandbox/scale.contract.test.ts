import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from './api/objects';
import { TestSandbox } from './testing';

const COUNT = 300;
const VMS = '/apis/kubevirt.io/v1/virtualmachines';
const DEADLINE_MS = 60_000;

interface Machine extends KubeObject {
  status: { printableStatus: string; conditions?: { type: string }[] };
  spec: { runStrategy: string };
}

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ scale: { vms: COUNT, churn: 100, seed: 7 } });
}, DEADLINE_MS);
afterAll(() => sandbox.close());

async function machines(status?: string): Promise<Machine[]> {
  const { body } = await sandbox.ask('GET', VMS);
  const items: Machine[] = body.items;
  return status === undefined ? items : items.filter((vm) => vm.status?.printableStatus === status);
}

describe('a generated cluster', () => {
  it('has as many machines as asked for, on fifty nodes, in many namespaces, one in five off', async () => {
    const all = await machines();
    const namespaces = new Set(all.map(({ metadata }) => metadata.namespace));
    const off = all.filter(({ status }) => status?.printableStatus === 'Stopped');
    // Churn makes and removes a few while we look.
    expect(Math.abs(all.length - COUNT)).toBeLessThan(10);
    expect(namespaces.size).toBeGreaterThan(25);
    expect(off.length / all.length).toBeGreaterThan(0.1);
    expect(off.length / all.length).toBeLessThan(0.3);
    const nodes = await sandbox.ask('GET', '/api/v1/nodes');
    expect(nodes.body.items).toHaveLength(50);
    const instances = await sandbox.ask('GET', '/apis/kubevirt.io/v1/virtualmachineinstances');
    expect(instances.body.items.length).toBeGreaterThan(COUNT * 0.7);
  });

  it('changes all the time, in events that a watch brings', async () => {
    const before = Number((await sandbox.ask('GET', '/api/v1/namespaces')).body.metadata.resourceVersion);
    const after = await sandbox.until(
      () => sandbox.ask('GET', '/api/v1/namespaces'),
      ({ body }) => Number(body.metadata.resourceVersion) > before + 50,
      'fifty events have happened',
    );
    expect(after.status).toBe(200);
  });

  it(
    'stops, starts and pauses its machines when asked',
    async () => {
      const [running] = (await machines('Running')).filter(({ spec }) => spec.runStrategy === 'Always');
      const { namespace = '', name } = running?.metadata ?? { name: '' };
      expect((await sandbox.actOnInstance(namespace, name, 'pause')).status).toBe(200);
      await sandbox.untilStatus(namespace, name, 'Paused');
      expect((await sandbox.actOnInstance(namespace, name, 'unpause')).status).toBe(200);
      await sandbox.untilStatus(namespace, name, 'Running');
      expect((await sandbox.act(namespace, name, 'stop')).status).toBe(202);
      await sandbox.untilStatus(namespace, name, 'Stopped');
      const gone = () => sandbox.vmi(namespace, name);
      await sandbox.until(
        gone,
        ({ status }) => status === 404,
        `the instance of ${namespace}/${name} is gone`,
      );
      expect((await sandbox.act(namespace, name, 'start')).status).toBe(202);
      await sandbox.untilStatus(namespace, name, 'Running');
    },
    DEADLINE_MS,
  );

  it(
    'hears from agents, and can delete a machine with all that it had',
    async () => {
      const [running] = (await machines('Running')).filter(
        ({ spec, status }) =>
          spec.runStrategy === 'RerunOnFailure' &&
          status.conditions?.some(({ type }) => type === 'AgentConnected'),
      );
      const { namespace = '', name } = running?.metadata ?? { name: '' };
      const info = await sandbox.actOnInstance(namespace, name, 'guestosinfo', 'GET');
      expect(info.status).toBe(200);
      expect(info.body.os.prettyName).toBeDefined();
      await sandbox.deleteVm(namespace, name);
      await sandbox.until(
        () => sandbox.vm(namespace, name),
        ({ status }) => status === 404,
        `${namespace}/${name} is gone`,
      );
      const pods = await sandbox.ask(
        'GET',
        `/api/v1/namespaces/${namespace}/pods?labelSelector=vm.kubevirt.io/name%3D${name}`,
      );
      expect(pods.body.items).toHaveLength(0);
    },
    DEADLINE_MS,
  );
});
