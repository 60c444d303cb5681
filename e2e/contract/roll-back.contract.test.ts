import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAll, type Made, type Outcome, stepKey } from '@/components/form/create/create-run';
import { rollBack, type TakenBack } from '@/components/form/create/roll-back';
import type { callApi } from '@/lib/k8s/request';
import { RESOURCES } from '@/lib/kinds/resources';
import { planManifests } from '@/lib/manifest/plan';
import { readManifests } from '@/lib/manifest/read';
import { TestSandbox } from '@/sandbox/testing';
import { callOf } from './sandbox-call';

const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {userdata: a}\n';
const VM = (image: string) => `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: web}
spec:
  runStrategy: Halted
  template:
    spec:
      domain: {memory: {guest: 64Mi}, devices: {disks: [{name: ${image}, disk: {}}]}}
      volumes: [{name: root, containerDisk: {image: a}}]
`;

let sandbox: TestSandbox;
let call: typeof callApi;
beforeAll(async () => {
  sandbox = await TestSandbox.start({ kubevirtOnly: true });
  call = callOf(sandbox);
});
afterAll(() => sandbox.close());

const exists = async (path: string) => (await sandbox.ask('GET', path)).status === 200;

it('goes on after a refusal where it stopped, or takes back what it made', async () => {
  const found = new Map([
    ['v1 Secret', { found: true, resource: RESOURCES.secrets } as const],
    ['kubevirt.io/v1 VirtualMachine', { found: true, resource: RESOURCES.virtualMachines } as const],
  ]);
  const outcomes = new Map<string, Outcome>();
  const made: Made[] = [];
  const run = (content: string, missing: string[]) => {
    const { steps } = planManifests(readManifests(content), found, 'new-place');
    const done = createAll({
      call,
      cluster: 'c',
      steps,
      outcomes,
      modes: new Map(),
      missing,
      newNamespaces: missing,
      tell: (key, outcome) => void outcomes.set(key, outcome),
      onMade: (each) => made.push(each),
    });
    return { done, states: () => steps.map((step) => outcomes.get(stepKey(step))?.state) };
  };

  // The namespace is new, so the cluster can't say beforehand that the VM names a disk without a volume.
  const first = run(`${SECRET}---\n${VM('other')}`, ['new-place']);
  expect(await first.done).toBe(false);
  expect(first.states()).toEqual(['created', 'refused']);
  expect(made.map(({ resource, name }) => `${resource.kind} ${name}`)).toEqual([
    'Namespace new-place',
    'Secret login',
  ]);

  const second = run(`${SECRET}---\n${VM('root')}`, []);
  expect(await second.done).toBe(true);
  expect(second.states()).toEqual(['created', 'created']);

  const taken = new Map<string, TakenBack['state']>();
  const left = await rollBack({
    call,
    cluster: 'c',
    made,
    tell: ({ name }, { state }) => void taken.set(name, state),
  });
  expect(left).toEqual([]);
  expect([...taken]).toEqual([
    ['web', 'removed'],
    ['login', 'removed'],
    ['new-place', 'removed'],
  ]);
  expect(await exists('/api/v1/namespaces/new-place')).toBe(false);
});
