import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from '../admission/create-admission';
import { createCluster } from '../store';
import { startTestApi, type TestApi } from '../testing/test-api';
import { DEFINITIONS } from './definition';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ROBOTS = '/apis/example.com/v1/namespaces/default/robots';

interface Version {
  [field: string]: unknown;
}

function version(name: string, more: Version = {}): Version {
  return {
    name,
    served: true,
    storage: name === 'v1',
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            required: ['model'],
            properties: {
              model: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
              legs: { type: 'integer', minimum: 1, default: 2 },
              arms: {
                type: 'array',
                maxItems: 2,
                items: { type: 'string' },
                'x-kubernetes-list-type': 'set',
              },
              size: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
              mood: { type: 'string', enum: ['glad', 'sad'] },
              notes: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
          status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
    subresources: { status: {} },
    ...more,
  };
}

function robots(more: { names?: object; versions?: Version[]; spec?: object; name?: string } = {}): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: more.name ?? 'robots.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'robots', kind: 'Robot', shortNames: ['rb'], categories: ['all'], ...more.names },
      versions: more.versions ?? [version('v1')],
      ...more.spec,
    },
  };
}

function robot(name: string, spec: object = { model: 'arm' }, apiVersion = 'example.com/v1'): object {
  return { apiVersion, kind: 'Robot', metadata: { name }, spec };
}

let api: TestApi;
beforeAll(async () => {
  const cluster = createCluster({ directory: undefined });
  api = await startTestApi({ cluster, admission: createAdmission(cluster, cluster.registry) });
});
afterAll(() => api.close());
afterEach(() => {
  for (const { metadata } of api.cluster.list(DEFINITIONS)) {
    if (metadata.name.endsWith('.example.com')) api.cluster.delete(DEFINITIONS, undefined, metadata.name);
  }
});

const create = (definition: object) => api.ask('POST', CRDS, { body: definition });

describe('a definition of anybody', () => {
  it('is accepted, established and served at once', async () => {
    expect((await api.ask('GET', ROBOTS)).text).toBe('404 page not found\n');
    const created = await create(robots());
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      spec: { names: { singular: 'robot', listKind: 'RobotList' }, conversion: { strategy: 'None' } },
      status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
    });
    const { status } = (await api.ask('GET', `${CRDS}/robots.example.com`)).body;
    expect(status).toMatchObject({
      acceptedNames: { plural: 'robots', singular: 'robot', kind: 'Robot', listKind: 'RobotList' },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
      ],
    });
    expect((await api.ask('POST', ROBOTS, { body: robot('r2') })).status).toBe(201);
    expect((await api.ask('GET', ROBOTS)).body).toMatchObject({
      kind: 'RobotList',
      apiVersion: 'example.com/v1',
      items: [{ kind: 'Robot', metadata: { name: 'r2', generation: 1 }, spec: { model: 'arm', legs: 2 } }],
    });
    const { resources } = (await api.ask('GET', '/apis/example.com/v1')).body;
    expect(resources).toMatchObject([
      { name: 'robots', shortNames: ['rb'], categories: ['all'], verbs: expect.arrayContaining(['create']) },
      { name: 'robots/status' },
    ]);
    expect(
      (await api.ask('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com')).body,
    ).toMatchObject({ spec: { group: 'example.com', groupPriorityMinimum: 1000, versionPriority: 100 } });
  });

  it.each([
    [
      { model: 7 },
      'spec.model: Invalid value: "integer": spec.model in body must be of type string: "integer"',
    ],
    [{}, 'spec.model: Required value'],
    [{ model: 'A1' }, `spec.model: Invalid value: "A1": spec.model in body should match '^[a-z]+$'`],
    [{ model: 'abcdef' }, 'spec.model: Too long: may not be more than 5 bytes'],
    [
      { model: 'a', legs: 0 },
      'spec.legs: Invalid value: 0: spec.legs in body should be greater than or equal to 1',
    ],
    [{ model: 'a', arms: ['l', 'l'] }, 'spec.arms[1]: Duplicate value: "l"'],
    [{ model: 'a', arms: ['l', 'm', 'r'] }, 'spec.arms: Too many: 3: must have at most 2 items'],
    [
      { model: 'a', size: true },
      'spec.size: Invalid value: "boolean": spec.size in body must be of type integer,string: "boolean"',
    ],
    [{ model: 'a', mood: 'odd' }, 'spec.mood: Unsupported value: "odd": supported values: "glad", "sad"'],
  ])('refuses %j: %s', async (spec, text) => {
    await create(robots());
    const { status, body } = await api.ask('POST', ROBOTS, { body: robot('bad', spec) });
    expect(status).toBe(422);
    expect(body.message).toBe(`Robot.example.com "bad" is invalid: ${text}`);
  });

  it('prunes what its schema does not name, and says so', async () => {
    await create(robots());
    const body = robot('pruned', { model: 'arm', colour: 'red', notes: { any: { thing: 1 } }, mood: null });
    const kept = await api.ask('POST', ROBOTS, { body });
    expect(kept.body.spec).toEqual({ model: 'arm', legs: 2, notes: { any: { thing: 1 } } });
    expect(kept.headers.get('warning')).toBe('299 - "unknown field \\"spec.colour\\""');
    const strict = await api.ask('POST', `${ROBOTS}?fieldValidation=Strict`, {
      body: robot('s', { colour: 1 }),
    });
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'Robot in version "v1" cannot be handled as a Robot: strict decoding error: unknown field "spec.colour"',
    ]);
  });

  it('serves several versions of the same objects, the old one with a warning', async () => {
    const old = version('v1alpha1', {
      deprecated: true,
      additionalPrinterColumns: [{ name: 'Legs', type: 'integer', jsonPath: '.spec.legs' }],
    });
    await create(robots({ versions: [old, version('v1')] }));
    await api.ask('POST', ROBOTS, { body: robot('both') });
    const shown = await api.ask('GET', `${ROBOTS.replace('v1', 'v1alpha1')}/both`);
    expect(shown.body.apiVersion).toBe('example.com/v1alpha1');
    expect(shown.headers.get('warning')).toBe('299 - "example.com/v1alpha1 Robot is deprecated"');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const table = await api.ask('GET', ROBOTS.replace('v1', 'v1alpha1'), { headers: { accept } });
    expect(table.body.rows[0].cells).toEqual(['both', 2]);
    const { body } = await api.ask('GET', '/apis/example.com');
    expect(body.versions.map((one: { version: string }) => one.version)).toEqual(['v1', 'v1alpha1']);
  });

  it('waits until a name is free', async () => {
    await create(robots());
    const rival = robots({
      name: 'bots.example.com',
      names: { plural: 'bots', kind: 'Bot', shortNames: ['rb'] },
    });
    await create(rival);
    const where = `${CRDS}/bots.example.com`;
    expect((await api.ask('GET', where)).body.status.conditions).toMatchObject([
      { status: 'False', reason: 'ShortNamesConflict', message: '"rb" is already in use' },
      { status: 'False', reason: 'NotAccepted' },
    ]);
    expect((await api.ask('GET', ROBOTS.replace('robots', 'bots'))).status).toBe(404);
    await api.ask('DELETE', `${CRDS}/robots.example.com`);
    expect((await api.ask('GET', where)).body.status.conditions).toMatchObject([
      { status: 'True' },
      { status: 'True' },
    ]);
    expect((await api.ask('GET', ROBOTS.replace('robots', 'bots'))).status).toBe(200);
  });
});

describe('a definition that is deleted', () => {
  it('takes its objects along, ends their watches and is served no more', async () => {
    await create(robots());
    await api.ask('POST', ROBOTS, { body: robot('r1') });
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const watching = api.watch(`${ROBOTS}?watch=true`, () => {
      started();
      return false;
    });
    await running;
    const deleted = await api.ask('DELETE', `${CRDS}/robots.example.com`);
    expect(deleted.body).toMatchObject({
      metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
      status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Terminating' })]) },
    });
    expect((await watching).map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    expect((await api.ask('GET', `${CRDS}/robots.example.com`)).status).toBe(404);
    expect((await api.ask('GET', ROBOTS)).status).toBe(404);
    expect((await api.ask('GET', '/apis/example.com')).status).toBe(404);
    expect((await api.ask('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com')).status).toBe(
      404,
    );
    await create(robots());
    expect((await api.ask('GET', ROBOTS)).body.items).toEqual([]);
  });

  it('waits for an object with a finalizer and takes no new ones', async () => {
    await create(robots());
    const held = robot('held') as { metadata: object };
    held.metadata = { name: 'held', finalizers: ['example.com/hold'] };
    await api.ask('POST', ROBOTS, { body: held });
    await api.ask('DELETE', `${CRDS}/robots.example.com`);
    const { status } = (await api.ask('GET', `${CRDS}/robots.example.com`)).body;
    expect(status.conditions.at(-1)).toMatchObject({
      type: 'Terminating',
      reason: 'InstanceDeletionInProgress',
    });
    const refused = await api.ask('POST', ROBOTS, { body: robot('late') });
    expect([refused.status, refused.body.message]).toEqual([
      405,
      'create not allowed while custom resource definition is terminating',
    ]);
    await api.ask('PATCH', `${ROBOTS}/held`, {
      body: { metadata: { finalizers: null } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect((await api.ask('GET', `${CRDS}/robots.example.com`)).status).toBe(404);
  });

  it('comes back when its operator wants it', async () => {
    const where = `${CRDS}/virtualmachinepools.pool.kubevirt.io`;
    const { uid } = (await api.ask('GET', where)).body.metadata;
    await api.ask('DELETE', where);
    const restored = (await api.ask('GET', where)).body;
    expect(restored.metadata.uid).not.toBe(uid);
    expect((await api.ask('GET', '/apis/pool.kubevirt.io/v1beta1/virtualmachinepools')).status).toBe(200);
    const { spec } = restored;
    await api.ask('PATCH', where, {
      body: { spec: { names: { shortNames: ['pools'] } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect((await api.ask('GET', where)).body.spec).toEqual(spec);
  });

  it('stays away while its operator is scaled to nothing', async () => {
    const name = 'network-attachment-definitions.k8s.cni.cncf.io';
    const served = async () => (await api.ask('GET', '/apis/k8s.cni.cncf.io/v1')).status;
    const namespace = 'cluster-network-addons';
    api.cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const operator = api.cluster.create('deployments.apps', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cluster-network-addons-operator', namespace },
      spec: { replicas: 0 },
    });
    await api.ask('DELETE', `${CRDS}/${name}`);
    expect(await served()).toBe(404);
    api.cluster.update('deployments.apps', namespace, operator.metadata.name, (draft) => {
      draft.spec = { replicas: 1 };
    });
    expect(await served()).toBe(200);
    api.cluster.delete('namespaces', undefined, namespace);
  });
});

describe('a wrong definition', () => {
  const refusal = async (definition: object) => {
    const { status, body } = await create(definition);
    return `${status} ${body.message}`;
  };

  it('is refused with the reasons', async () => {
    expect(await refusal(robots({ name: 'robot.example.com' }))).toBe(
      '422 CustomResourceDefinition.apiextensions.k8s.io "robot.example.com" is invalid: metadata.name: Invalid value: "robot.example.com": must be spec.names.plural+"."+spec.group',
    );
    expect(await refusal(robots({ versions: [version('v2')] }))).toContain(
      'must have exactly one version marked as storage version',
    );
    expect(await refusal(robots({ versions: [version('v1', { schema: undefined })] }))).toContain(
      'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required',
    );
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { properties: {} } } } };
    expect(await refusal(robots({ versions: [version('v1', { schema })] }))).toContain(
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    );
    expect(await refusal(robots({ spec: { scope: 'Global' } }))).toContain(
      'spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"',
    );
  });
});

describe('after a restart', () => {
  it('definitions and their objects are there', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'definitions-'));
    try {
      for (const round of ['written', 'read']) {
        const cluster = createCluster({ directory });
        const again = await startTestApi({ cluster, directory });
        if (round === 'written') {
          await again.ask('POST', CRDS, { body: robots() });
          await again.ask('POST', ROBOTS, { body: robot('kept') });
          cluster.compact();
        } else {
          expect((await again.ask('GET', `${ROBOTS}/kept`)).status).toBe(200);
        }
        await again.close();
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
