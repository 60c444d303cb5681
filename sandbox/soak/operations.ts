import type { SoakAnswer, SoakClient } from './client';
import { machine, machineName, NAMESPACES, OTHER_KINDS, spoiled } from './manifests';
import type { Random } from './random';

interface Context {
  client: SoakClient;
  random: Random;
  namespace: string;
}

export interface Operation {
  name: string;
  weight: number;
  run(context: Context): Promise<SoakAnswer>;
}

const MACHINE_ACTIONS = ['start', 'stop', 'restart', 'migrate', 'addvolume', 'removevolume', 'memorydump'];
const INSTANCE_ACTIONS = ['pause', 'unpause', 'reset', 'softreboot', 'freeze', 'unfreeze'];
const PROPAGATIONS = ['Background', 'Foreground', 'Orphan', undefined, 'Sideways'];
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

const machines = (namespace: string) => `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
const machineAt = ({ random, namespace }: Context) => `${machines(namespace)}/${machineName(random)}`;
const instances = (namespace: string) =>
  `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances`;
const action = (namespace: string, plural: string, name: string, what: string) =>
  `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/${plural}/${name}/${what}`;

/** What clients do, lawful and otherwise, and how often. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'create a VM',
    weight: 14,
    run: ({ client, random, namespace }) =>
      client.ask('POST', machines(namespace), machine(random, machineName(random))),
  },
  {
    name: 'create a spoiled VM',
    weight: 12,
    run: ({ client, random, namespace }) => {
      const query = random.pick(['', '', '?dryRun=All', '?fieldValidation=Strict', '?fieldValidation=Warn']);
      return client.ask(
        'POST',
        machines(namespace) + query,
        spoiled(random, machine(random, machineName(random))),
      );
    },
  },
  {
    name: 'act on a VM',
    weight: 20,
    run: ({ client, random, namespace }) => {
      const path = action(namespace, 'virtualmachines', machineName(random), random.pick(MACHINE_ACTIONS));
      return client.ask(
        'PUT',
        path,
        random.pick<object>([{}, {}, { gracePeriod: 0 }, { name: 'x' }, { dryRun: ['All'] }]),
      );
    },
  },
  {
    name: 'act on an instance',
    weight: 8,
    run: ({ client, random, namespace }) => {
      const what = random.pick(INSTANCE_ACTIONS);
      return client.ask('PUT', action(namespace, 'virtualmachineinstances', machineName(random), what), {});
    },
  },
  {
    name: 'read about a guest',
    weight: 4,
    run: ({ client, random, namespace }) => {
      const what = random.pick([
        'guestosinfo',
        'userlist',
        'filesystemlist',
        'vnc',
        'console',
        'portforward/22',
      ]);
      return client.ask('GET', action(namespace, 'virtualmachineinstances', machineName(random), what));
    },
  },
  {
    name: 'label a VM',
    weight: 12,
    run: (context) =>
      context.client.ask(
        'PATCH',
        machineAt(context),
        { metadata: { labels: { app: context.random.pick(['web', 'db', null]) } } },
        MERGE,
      ),
  },
  {
    name: 'change the run strategy',
    weight: 8,
    run: (context) =>
      context.client.ask(
        'PATCH',
        machineAt(context),
        { spec: { runStrategy: context.random.pick(['Always', 'Halted', 'Manual', 'Nonsense', null]) } },
        MERGE,
      ),
  },
  {
    name: 'patch with operations',
    weight: 5,
    run: (context) => {
      const { random } = context;
      const operations = [
        random.pick<object>([
          { op: 'test', path: '/spec/runStrategy', value: 'Always' },
          { op: 'remove', path: '/spec/nowhere' },
          { op: 'replace', path: '/spec/template/spec/terminationGracePeriodSeconds', value: 0 },
          { op: 'add', path: '/metadata/annotations', value: { note: 'x' } },
          { op: 'sing' },
        ]),
      ];
      return context.client.ask('PATCH', machineAt(context), operations, 'application/json-patch+json');
    },
  },
  {
    name: 'apply a VM',
    weight: 8,
    run: ({ client, random, namespace }) => {
      const name = machineName(random);
      const query = `fieldManager=${random.pick(['ann', 'ben', ''])}&force=${random.chance(0.5)}`;
      const object = {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachine',
        metadata: { name, labels: { app: random.pick(['web', 'db']) } },
        ...(random.chance(0.3) ? machine(random, name) : {}),
      };
      return client.ask('PATCH', `${machines(namespace)}/${name}?${query}`, object, APPLY);
    },
  },
  {
    name: 'replace a VM with what was read before',
    weight: 8,
    async run(context) {
      const path = machineAt(context);
      const { json, status } = await context.client.ask('GET', path);
      if (status !== 200 || !json) return context.client.ask('PUT', path, {});
      const object = context.random.chance(0.3) ? spoiled(context.random, json) : json;
      return context.client.ask('PUT', path, { ...object, spec: { ...(object.spec as object) } });
    },
  },
  {
    name: 'delete a VM',
    weight: 10,
    run: (context) => {
      const propagationPolicy = context.random.pick(PROPAGATIONS);
      const options = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...(propagationPolicy ? { propagationPolicy } : {}),
      };
      return context.client.ask('DELETE', machineAt(context), options);
    },
  },
  {
    name: 'delete an instance or a pod',
    weight: 5,
    async run({ client, random, namespace }) {
      if (random.chance(0.5)) return client.ask('DELETE', `${instances(namespace)}/${machineName(random)}`);
      const { json } = await client.ask('GET', `/api/v1/namespaces/${namespace}/pods?limit=5`);
      const pods = (json?.items ?? []) as { metadata: { name: string } }[];
      const name = pods.length > 0 ? random.pick(pods).metadata.name : 'nobody';
      return client.ask(
        'DELETE',
        `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=${random.below(3)}`,
      );
    },
  },
  {
    name: 'delete several at once',
    weight: 2,
    run: ({ client, random, namespace }) =>
      client.ask(
        'DELETE',
        `${machines(namespace)}?labelSelector=${random.pick(['app%3Dweb', 'app+in+(db)', 'a%3D%3D%3D'])}`,
      ),
  },
  {
    name: 'change something else',
    weight: 24,
    run: ({ client, random, namespace }) => {
      const kind = random.pick(OTHER_KINDS);
      const path = `/${kind.path.replace('NAMESPACE', `namespaces/${namespace}`)}`;
      const name = `thing-${random.below(5)}`;
      const object = kind.make(random, name);
      if (random.chance(0.3)) return client.ask('DELETE', `${path}/${name}`);
      if (random.chance(0.3)) return client.ask('POST', path, spoiled(random, object));
      if (random.chance(0.3)) return client.ask('PATCH', `${path}/${name}`, object, MERGE);
      return client.ask('POST', path, object);
    },
  },
  {
    name: 'list in some odd way',
    weight: 10,
    run: ({ client, random, namespace }) => {
      const where = random.pick([
        machines(namespace),
        instances(namespace),
        `/api/v1/namespaces/${namespace}/pods`,
      ]);
      const query = random.pick([
        'limit=3',
        'limit=-1',
        'limit=2&continue=nonsense',
        'labelSelector=app',
        'labelSelector=app%20notin%20(web)',
        'fieldSelector=metadata.name%3Dvm-1',
        'fieldSelector=spec.nowhere%3Dx',
        'resourceVersion=0',
        'resourceVersion=1&resourceVersionMatch=Exact',
        'resourceVersion=999999999&resourceVersionMatch=NotOlderThan',
        'watch=true&resourceVersion=nonsense',
      ]);
      return client.ask('GET', `${where}?${query}`);
    },
  },
  {
    name: 'read as a table',
    weight: 4,
    run: ({ client, namespace }) =>
      client.ask('GET', machines(namespace), undefined, undefined, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      }),
  },
  {
    name: 'send rubbish',
    weight: 4,
    run: ({ client, random, namespace }) => {
      const path = random.pick([
        machines(namespace),
        `${machines(namespace)}/vm-1`,
        '/apis/kubevirt.io/v1/nothing',
        '/apis/nobody.example/v1/things',
        '/api/v1/namespaces/%00/pods',
        '/apis/kubevirt.io/v1/namespaces/soak-a/virtualmachines/../../x',
        '//api//v1//pods',
      ]);
      const body = random.pick([
        '',
        '{',
        '[]',
        'null',
        '"text"',
        '{"kind":1}',
        'a: [b',
        '\u0000',
        '{"metadata":7}',
      ]);
      const type = random.pick(['application/json', 'application/yaml', 'text/plain', MERGE, 'nonsense']);
      return client.ask(random.pick(['POST', 'PUT', 'PATCH', 'DELETE']), path, body, type);
    },
  },
  {
    name: 'define a kind, use it, forget it',
    weight: 2,
    async run({ client, random, namespace }) {
      const plural = `soakthings${random.below(2)}`;
      const kind = `SoakThing${plural.at(-1)}`;
      const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      if (random.chance(0.3)) return client.ask('DELETE', `${definitions}/${plural}.soak.example`);
      await client.ask('POST', definitions, {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `${plural}.soak.example` },
        spec: {
          group: 'soak.example',
          scope: 'Namespaced',
          names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: { type: 'object', properties: { size: { type: 'integer', default: 1 } } },
                  },
                },
              },
            },
          ],
        },
      });
      return client.ask('POST', `/apis/soak.example/v1/namespaces/${namespace}/${plural}`, {
        apiVersion: 'soak.example/v1',
        kind,
        metadata: { name: `thing-${random.below(3)}` },
        spec: { size: random.pick<unknown>([1, 'big', null]) },
      });
    },
  },
  {
    name: 'delete a whole namespace',
    weight: 0.05,
    run: ({ client, namespace }) => client.ask('DELETE', `/api/v1/namespaces/${namespace}`),
  },
];

/** One client's next operation. */
export function nextOperation(client: SoakClient, random: Random) {
  const operation = random.weighted(OPERATIONS);
  const namespace = random.pick(NAMESPACES);
  return { operation, run: () => operation.run({ client, random, namespace }) };
}
