import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from './admission/create-admission';
import { createOpenApi } from './schema/openapi';
import { createCluster } from './store';
import { startTestApi, type TestApi, vmManifest } from './testing/test-api';

// Before 1.27 kubectl validates and explains by OpenAPI v2, and lacks some of the commands.
const EVENTS_SINCE = 26;
const MOVES_SINCE = 26;
const WHOAMI_SINCE = 27;

// The tool is the best judge of the API, where there is one; the other contract tests make the same calls by hand.
const minor = kubectlMinor();
const installed = minor > 0;

function kubectlMinor(): number {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], {
    encoding: 'utf8',
  });
  return status === 0 ? Number.parseInt(JSON.parse(stdout).clientVersion.minor, 10) : 0;
}

let api: TestApi;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'kubectl-'));
  const cluster = createCluster({ directory: undefined });
  api = await startTestApi({
    cluster,
    kubeconfig: path.join(directory, 'kubeconfig'),
    openapi: createOpenApi(cluster.registry),
    admission: createAdmission(cluster, cluster.registry),
  });
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true });
});

const options = () => ({
  env: { ...process.env, KUBECONFIG: path.join(directory, 'kubeconfig'), HOME: directory },
});
function kubectl(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile('kubectl', words, options(), (error, out, err) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    );
  });
}
async function manifest(name: string, object: object): Promise<string> {
  const file = path.join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify(object));
  return file;
}

function withKubectl() {
  it('lists, with our columns', async () => {
    await api.ask('POST', '/apis/kubevirt.io/v1/namespaces/default/virtualmachines', {
      body: vmManifest('listed'),
    });
    const { out } = await kubectl('get', 'vms', '-A');
    expect(out.split('\n')[0]).toMatch(/^NAMESPACE +NAME +AGE +STATUS +READY$/);
    expect((await kubectl('get', 'all', '-o', 'name')).out).toContain('virtualmachine.kubevirt.io/listed');
    expect((await kubectl('api-resources', '--api-group=kubevirt.io', '-o', 'name')).out).toContain(
      'virtualmachines.kubevirt.io',
    );
  });

  it('applies, sees no change the second time, edits and describes', async () => {
    const file = await manifest('applied', vmManifest('applied'));
    expect((await kubectl('apply', '-f', file)).out).toBe('virtualmachine.kubevirt.io/applied created\n');
    expect((await kubectl('apply', '-f', file)).out).toBe('virtualmachine.kubevirt.io/applied unchanged\n');
    const changed = await manifest('changed', vmManifest('applied', { spec: { runStrategy: 'Manual' } }));
    expect((await kubectl('diff', '-f', changed)).out).toContain('+  runStrategy: Manual');
    expect((await kubectl('apply', '-f', changed)).out).toBe(
      'virtualmachine.kubevirt.io/applied configured\n',
    );
    expect((await kubectl('apply', '--server-side', '--force-conflicts', '-f', changed)).out).toContain(
      'serverside-applied',
    );
    const vm = api.cluster.get('virtualmachines.kubevirt.io', 'default', 'applied');
    if (vm)
      api.cluster.event(vm, {
        type: 'Normal',
        reason: 'Noted',
        message: 'seen by describe',
        component: 'test',
      });
    expect((await kubectl('describe', 'vm', 'applied')).out).toMatch(
      /Run Strategy: +Manual[\s\S]*Noted[\s\S]*seen by describe/,
    );
    if (minor >= EVENTS_SINCE) {
      expect((await kubectl('events', '--for', 'virtualmachine/applied')).out).toContain('seen by describe');
    }
  });

  it('moves from client-side to server-side apply without a conflict, and meets one with others', async () => {
    const file = await manifest('moving', vmManifest('moving'));
    await kubectl('apply', '-f', file);
    const changed = await manifest('moved', vmManifest('moving', { spec: { runStrategy: 'Manual' } }));
    const moved = await kubectl('apply', '--server-side', '-f', changed);
    expect(moved.out).toBe('virtualmachine.kubevirt.io/moving serverside-applied\n');
    const managed = api.cluster.get('virtualmachines.kubevirt.io', 'default', 'moving')?.metadata
      .managedFields;
    // Older ones leave what they own in both ways as it is.
    const other = minor >= MOVES_SINCE ? 'kubectl-last-applied' : 'kubectl-client-side-apply';
    expect(managed).toMatchObject([{ manager: 'kubectl', operation: 'Apply' }, { manager: other }]);
    const always = await manifest('contested', vmManifest('moving', { spec: { runStrategy: 'Always' } }));
    const contested = await kubectl('apply', '--server-side', '--field-manager=console', '-f', always);
    expect(contested.err).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl": .spec.runStrategy',
    );
  });

  it('creates by its typed commands', async () => {
    expect((await kubectl('create', 'namespace', 'typed')).out).toBe('namespace/typed created\n');
    expect(
      (await kubectl('create', 'secret', 'generic', 's', '-n', 'typed', '--from-literal=a=b')).code,
    ).toBe(0);
    expect(api.cluster.get('secrets', 'typed', 's')).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
    expect(
      (await kubectl('create', 'rolebinding', 'r', '-n', 'typed', '--clusterrole=edit', '--user=vic')).code,
    ).toBe(0);
    expect(
      (await kubectl('--context', 'sandbox-vic', '-n', 'typed', 'auth', 'can-i', 'create', 'vms')).out,
    ).toBe('yes\n');
    expect((await kubectl('--context', 'sandbox-vic', 'auth', 'can-i', 'create', 'vms')).out).toBe('no\n');
    if (minor >= WHOAMI_SINCE) {
      expect((await kubectl('auth', 'whoami')).out).toContain('admin');
      const { out } = await kubectl('create', 'token', 'default', '-n', 'typed', '--duration', '10m');
      expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(
        (await kubectl('auth', 'whoami', '--context', 'sandbox-vic', '--token', out.trim())).out,
      ).toContain('system:serviceaccount:typed:default');
    }
    await kubectl('create', 'deployment', 'web', '-n', 'typed', '--image=nginx', '--replicas=0');
    expect(api.cluster.get('deployments.apps', 'typed', 'web')?.spec).toMatchObject({
      replicas: 0,
      template: { spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
    });
    expect((await kubectl('delete', 'namespace', 'typed')).out).toBe('namespace "typed" deleted\n');
    expect(api.cluster.get('namespaces', undefined, 'typed')).toBeUndefined();
  });

  it('watches, and waits for a condition and for the end', async () => {
    await kubectl('apply', '-f', await manifest('waited', vmManifest('waited')));
    const watching = spawn(
      'kubectl',
      ['get', 'vm', '--field-selector=metadata.name=waited', '--watch', '--no-headers'],
      {
        ...options(),
        // A group of its own, so that a wrapper's child ends with it.
        detached: true,
      },
    );
    const lines: string[] = [];
    for await (const line of createInterface(watching.stdout)) {
      lines.push(line);
      if (lines.length === 1) {
        api.cluster.update('virtualmachines.kubevirt.io', 'default', 'waited', (draft) => {
          draft.status = { printableStatus: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
        });
      }
      if (lines.length === 2) break;
    }
    if (watching.pid) process.kill(-watching.pid);
    expect(lines[1]).toMatch(/^waited +\d+s +Running +True$/);
    expect((await kubectl('wait', 'vm/waited', '--for=condition=Ready', '--timeout=10s')).out).toContain(
      'condition met',
    );
    const gone = kubectl('wait', 'vm/waited', '--for=delete', '--timeout=20s');
    await kubectl('delete', 'vm', 'waited');
    // Older ones take it as a failure when it is gone before they look.
    const { code, err } = await gone;
    expect(code === 0 ? 'gone' : err).toMatch(/^gone$|NotFound/);
  });

  it('explains a field', async () => {
    expect((await kubectl('explain', 'vm.spec.runStrategy')).out).toMatch(/FIELD: +runStrategy <string>/);
    expect((await kubectl('explain', 'vm.spec.template.spec.domain.cpu')).out).toMatch(
      /cores\s+<integer>\s+Cores specifies the number of cores/,
    );
    expect((await kubectl('explain', 'deploy.spec.replicas')).out).toMatch(/replicas <integer>/);
  });

  it('applies a List, and names what is misspelt in it', async () => {
    const list = (vm: object) => ({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'listed' }, data: { a: 'b' } }, vm],
    });
    const file = await manifest('list', list(vmManifest('in-list')));
    expect(await kubectl('apply', '-f', file)).toMatchObject({
      code: 0,
      out: 'configmap/listed created\nvirtualmachine.kubevirt.io/in-list created\n',
    });
    const wrong = await manifest('wrong', list(vmManifest('wrong', { spec: { runStrateg: 'Halted' } })));
    expect((await kubectl('create', '-f', wrong)).err).toContain('unknown field "runStrateg"');
    expect((await kubectl('delete', '-f', file)).code).toBe(0);
  });

  it('patches, labels, annotates, scales, edits and tries out', async () => {
    const container = { name: 'c', image: 'web:1', env: [{ name: 'A', value: '1' }] };
    const file = await manifest('web', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
      },
    });
    expect((await kubectl('apply', '--dry-run=server', '-f', file)).out).toBe(
      'deployment.apps/web created (server dry run)\n',
    );
    await kubectl('apply', '-f', file);
    const env = {
      spec: { template: { spec: { containers: [{ name: 'c', env: [{ name: 'B', value: '2' }] }] } } },
    };
    expect((await kubectl('patch', 'deploy', 'web', '-p', JSON.stringify(env))).code).toBe(0);
    for (const words of [
      ['label', 'deploy', 'web', 'tier=front'],
      ['annotate', 'deploy', 'web', 'note=well'],
      ['scale', 'deploy', 'web', '--replicas=3'],
    ]) {
      expect(await kubectl(...words)).toMatchObject({ code: 0, err: '' });
    }
    const web = api.cluster.get('deployments.apps', 'default', 'web');
    expect(web?.metadata).toMatchObject({ labels: { tier: 'front' }, annotations: { note: 'well' } });
    expect(web?.spec).toMatchObject({
      replicas: 3,
      template: {
        spec: {
          containers: [{ env: expect.arrayContaining([container.env[0], { name: 'B', value: '2' }]) }],
        },
      },
    });
    // Applied again, what others set stays, and what the manifest says comes back.
    expect((await kubectl('apply', '-f', file)).out).toBe('deployment.apps/web configured\n');
    expect(api.cluster.get('deployments.apps', 'default', 'web')?.spec).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          containers: [{ env: expect.arrayContaining([container.env[0], { name: 'B', value: '2' }]) }],
        },
      },
    });
  });

  it('works with a kind that was just defined', async () => {
    const definition = await manifest('definition', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'robots.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'robots', kind: 'Robot', shortNames: ['rb'] },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            additionalPrinterColumns: [{ name: 'Legs', type: 'integer', jsonPath: '.spec.legs' }],
            subresources: {
              scale: { specReplicasPath: '.spec.legs', statusReplicasPath: '.status.legs' },
            },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    properties: {
                      legs: { type: 'integer', description: 'How many it walks on.', minimum: 0 },
                    },
                  },
                },
              },
            },
          },
        ],
      },
    });
    expect((await kubectl('apply', '-f', definition)).code).toBe(0);
    expect((await kubectl('wait', 'crd/robots.example.com', '--for=condition=Established')).code).toBe(0);
    const robot = { apiVersion: 'example.com/v1', kind: 'Robot', metadata: { name: 'r' }, spec: { legs: 2 } };
    expect((await kubectl('apply', '-f', await manifest('robot', robot))).out).toBe(
      'robot.example.com/r created\n',
    );
    expect((await kubectl('explain', 'robots.spec.legs')).out).toContain('How many it walks on.');
    expect((await kubectl('scale', 'rb/r', '--replicas=6')).code).toBe(0);
    expect((await kubectl('get', 'rb')).out).toMatch(/^NAME +LEGS\nr +6\n$/);
    const wrong = await manifest('lame', { ...robot, spec: { legs: -1 } });
    expect((await kubectl('apply', '-f', wrong)).err).toContain('should be greater than or equal to 0');
    expect((await kubectl('delete', 'crd', 'robots.example.com')).code).toBe(0);
  });
}

describe('kubectl', () => {
  if (installed) withKubectl();
  else it('is not on this machine', () => expect(installed).toBe(false));
});
