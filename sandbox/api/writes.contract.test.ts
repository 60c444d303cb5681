import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from './admission/create-admission';
import { createCluster } from './store';
import { startTestApi, type TestApi } from './testing/test-api';

const MAPS = '/api/v1/namespaces/default/configmaps';
const NETWORKS = '/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

let api: TestApi;

beforeAll(async () => {
  const cluster = createCluster({ directory: undefined });
  api = await startTestApi({ cluster, admission: createAdmission(cluster, cluster.registry) });
});
afterAll(() => api.close());

function map(name: string, more = ''): string {
  return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{"a":"1","a":"2"}${more}}`;
}

const warnings = (answer: { headers: Headers }) => answer.headers.get('warning');

describe('field validation', () => {
  it('warns of fields that come twice and of unknown ones, and refuses both under Strict', async () => {
    const warned = await api.ask('POST', MAPS, { body: map('twice', ',"colour":1') });
    expect(warned.status).toBe(201);
    expect(warned.body.data).toEqual({ a: '2' });
    expect(warnings(warned)).toBe('299 - "duplicate field \\"data.a\\"", 299 - "unknown field \\"colour\\""');
    const strict = await api.ask('POST', `${MAPS}?fieldValidation=Strict`, {
      body: map('strict', ',"colour":1'),
    });
    expect(strict.body).toMatchObject({
      code: 400,
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a", unknown field "colour"',
    });
    const ignored = await api.ask('POST', `${MAPS}?fieldValidation=Ignore`, { body: map('ignored') });
    expect(warnings(ignored)).toBeNull();
  });

  it('reads YAML the same way', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n  a: "2"\n';
    const headers = { 'content-type': 'application/yaml' };
    const strict = await api.ask('POST', `${MAPS}?fieldValidation=Strict`, { body, headers });
    expect(strict.body.message).toContain(
      'strict decoding error: yaml: unmarshal errors:\n  line 7: key "a" already set in map',
    );
    expect((await api.ask('POST', MAPS, { body, headers })).body.data).toEqual({ a: '2' });
    const applied = await api.ask('PATCH', `${MAPS}/applied?fieldManager=m&fieldValidation=Strict`, {
      body: body.replace('name: yaml', 'name: applied'),
      headers: { 'content-type': APPLY },
    });
    expect(applied.body).toMatchObject({
      code: 400,
      message:
        'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map',
    });
  });

  it('blames a patch', async () => {
    await api.ask('POST', MAPS, { body: map('patched') });
    const refused = await api.ask('PATCH', `${MAPS}/patched?fieldValidation=Strict`, {
      body: '{"data":{"b":"1","b":"2"},"colour":1}',
      headers: { 'content-type': MERGE },
    });
    expect(refused.body).toMatchObject({ code: 422, details: { causes: [{ field: 'patch' }] } });
    expect(refused.body.message).toContain(
      'strict decoding error: duplicate field "data.b", unknown field "colour"',
    );
  });

  it('words broken bodies as Go does', async () => {
    const broken = await api.ask('POST', MAPS, { body: '{"a":' });
    expect(broken.body.message).toBe(
      "couldn't get version/kind; json parse error: unexpected end of JSON input",
    );
    const list = await api.ask('PATCH', `${MAPS}/patched`, {
      body: '[]',
      headers: { 'content-type': MERGE },
    });
    expect(list.body.message).toBe(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  });
});

describe('metadata', () => {
  const create = (metadata: object, path = MAPS) =>
    api.ask('POST', path, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata } });

  it.each([
    [{}, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'],
    [
      { generateName: 'A-' },
      'metadata.generateName: Invalid value: "A-": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      { name: 'o', ownerReferences: [{ apiVersion: '', kind: '', name: 'x', uid: '' }] },
      'ConfigMap "o" is invalid: [metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty, metadata.ownerReferences.kind: Invalid value: "": must not be empty, metadata.ownerReferences.uid: Invalid value: "": must not be empty]',
    ],
    [
      {
        name: 'o',
        ownerReferences: ['a', 'b'].map((name) => ({
          ...{ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true },
        })),
      },
      'Only one reference can have Controller set to true. Found "true" in references for a and b',
    ],
    [
      { name: 'o', finalizers: ['orphan', 'foregroundDeletion'] },
      'finalizer orphan and foregroundDeletion cannot be both set',
    ],
    [
      { name: 'o', finalizers: ['a b'] },
      'metadata.finalizers: Invalid value: "a b": name part must consist of',
    ],
    [
      { name: 'o', annotations: { a: 'x'.repeat(262144) } },
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
  ])('refuses %j', async (metadata, why) => {
    const refused = await create(metadata);
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain(why);
  });

  it('looks for the namespace before anything else about the object', async () => {
    const absent = await create({ name: 'A b' }, '/api/v1/namespaces/absent/configmaps');
    expect(absent.body).toMatchObject({ code: 404, message: 'namespaces "absent" not found' });
  });

  it('warns about finalizers of custom resources that another may use', async () => {
    const made = await api.ask('POST', NETWORKS, {
      body: {
        apiVersion: 'k8s.cni.cncf.io/v1',
        kind: 'NetworkAttachmentDefinition',
        metadata: { name: 'n', finalizers: ['mine', 'example.com/ours'] },
      },
    });
    expect(warnings(made)).toBe(
      '299 - "metadata.finalizers: \\"mine\\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers"',
    );
  });

  it('keeps the creation time, whatever is sent', async () => {
    const { body: made } = await create({ name: 'kept' });
    const metadata = { ...made.metadata, creationTimestamp: '2001-01-01T00:00:00Z' };
    const put = await api.ask('PUT', `${MAPS}/kept`, { body: { ...made, metadata } });
    expect(put.body.metadata.creationTimestamp).toBe(made.metadata.creationTimestamp);
  });
});

describe('the number of replicas', () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const labels = { app: 'x' };
  const scale = (replicas: number) => ({
    ...{ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'scaled' }, spec: { replicas } },
  });
  const managers = (body: { metadata: { managedFields: { manager: string; subresource?: string }[] } }) =>
    body.metadata.managedFields.map(({ manager, subresource }) => `${manager} ${subresource ?? ''}`.trim());

  it('is owned by who scales, and contested like any field', async () => {
    await api.ask('POST', `${path}?fieldManager=kubectl-create`, {
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'scaled' },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } },
        },
      },
    });
    const put = await api.ask('PUT', `${path}/scaled/scale?fieldManager=autoscaler`, { body: scale(2) });
    expect(managers(put.body)).toEqual(['autoscaler scale']);
    expect(put.body.metadata.managedFields[0]).toMatchObject({
      apiVersion: 'autoscaling/v1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    });
    const headers = { 'content-type': APPLY };
    const contested = await api.ask('PATCH', `${path}/scaled/scale?fieldManager=me`, {
      body: scale(3),
      headers,
    });
    expect(contested.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "autoscaler" with subresource "scale" using apps/v1: .spec.replicas',
    );
    const forced = await api.ask('PATCH', `${path}/scaled/scale?fieldManager=me&force=true`, {
      ...{ body: scale(3), headers },
    });
    expect(forced.body.spec.replicas).toBe(3);
    const { body } = await api.ask('GET', `${path}/scaled`);
    expect(managers(body).sort()).toEqual(['kubectl-create', 'me scale']);
  });
});
