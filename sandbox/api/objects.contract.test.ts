import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi, vmManifest } from './testing/test-api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const VMS = '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines';
const PODS = '/api/v1/namespaces/dev/pods';
const create = (name: string, more: { metadata?: object; spec?: object } = {}) =>
  api.ask('POST', VMS, { body: vmManifest(name, more) });
const patch = (path: string, type: string, body: unknown) =>
  api.ask('PATCH', path, { body, headers: { 'content-type': type } });
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

describe('creating', () => {
  it('answers 201 with the stored object, and 409 the second time', async () => {
    const made = await create('twice');
    expect(made.status).toBe(201);
    expect(made.body.metadata).toMatchObject({ name: 'twice', namespace: 'dev', generation: 1 });
    expect(made.headers.get('content-type')).toBe('application/json');
    expect(made.headers.get('cache-control')).toBe('no-cache, private');
    expect(made.headers.get('audit-id')).toMatch(/^[0-9a-f-]{36}$/);
    const again = await create('twice');
    expect(again.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'virtualmachines.kubevirt.io "twice" already exists',
      reason: 'AlreadyExists',
      details: { name: 'twice', group: 'kubevirt.io', kind: 'virtualmachines' },
      code: 409,
    });
  });

  it('takes YAML', async () => {
    const body =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  mac: 02:00:00:00:00:01\n';
    const headers = { 'content-type': 'application/yaml' };
    const made = await api.ask('POST', '/api/v1/namespaces/dev/configmaps', { body, headers });
    expect(made.status).toBe(201);
    expect(made.body.data).toEqual({ mac: '02:00:00:00:00:01' });
  });

  it('answers in YAML when asked', async () => {
    const found = await api.ask('GET', '/api/v1/namespaces/dev', { headers: { accept: 'application/yaml' } });
    expect(found.headers.get('content-type')).toBe('application/yaml');
    expect(found.text).toContain('kind: Namespace\n');
  });

  it.each([
    [
      'another namespace',
      { metadata: { namespace: 'default' } },
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'an upper-case name',
      { metadata: { name: 'Bad' } },
      422,
      'VirtualMachine.kubevirt.io "Bad" is invalid: metadata.name: Invalid value: "Bad": a lowercase RFC 1123 subdomain must consist of',
    ],
    ['a name of 300 letters', { metadata: { name: 'x'.repeat(300) } }, 422, 'must be no more than 253 bytes'],
    [
      'a label that is none',
      { metadata: { labels: { a: 'b c' } } },
      422,
      'metadata.labels: Invalid value: "b c": a valid label must be',
    ],
    [
      'a label that is no text',
      { metadata: { labels: { a: 1 } } },
      400,
      'cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type',
    ],
    [
      'a version of its own',
      { metadata: { resourceVersion: '5' } },
      500,
      'resourceVersion should not be set on objects to be created',
    ],
  ])('refuses %s', async (_what, more, status, message) => {
    const refused = await create('refused', more);
    expect(refused.body.message).toContain(message);
    expect(refused.status).toBe(status);
  });

  it('refuses a namespace that is not there, broken JSON, other media types and too much', async () => {
    const nowhere = await api.ask('POST', VMS.replace('/dev/', '/nowhere/'), { body: vmManifest('a') });
    expect(nowhere.body).toMatchObject({
      message: 'namespaces "nowhere" not found',
      reason: 'NotFound',
      code: 404,
    });
    expect((await api.ask('POST', VMS, { body: '{' })).status).toBe(400);
    const form = await api.ask('POST', VMS, {
      body: 'a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(415);
    const huge = await create('huge', { metadata: { annotations: { a: 'x'.repeat(4 * 1024 * 1024) } } });
    expect(huge.body).toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
      code: 413,
    });
  });

  it('changes nothing on a dry run', async () => {
    const before = api.cluster.revision;
    const made = await api.ask('POST', `${VMS}?dryRun=All`, { body: vmManifest('dry') });
    expect(made.status).toBe(201);
    expect(made.body.metadata.uid).toBeDefined();
    expect(api.cluster.revision).toBe(before);
    const wrong = await api.ask('POST', `${VMS}?dryRun=Some`, { body: vmManifest('dry') });
    expect(wrong.body.message).toBe(
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: "Some": supported values: "All"',
    );
  });

  it('makes a name from generateName', async () => {
    const made = await create('', { metadata: { name: undefined, generateName: 'made-' } });
    expect(made.body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  });
});

describe('replacing', () => {
  it('wants the version that it replaces', async () => {
    const { body: made } = await create('replace');
    const changed = { ...made, spec: { ...made.spec, runStrategy: 'Manual' }, status: { ready: true } };
    const replaced = await api.ask('PUT', `${VMS}/replace`, { body: changed });
    expect(replaced.status).toBe(200);
    expect(replaced.body).toMatchObject({ spec: { runStrategy: 'Manual' }, metadata: { generation: 2 } });
    expect(replaced.body.status).toBeUndefined();
    const stale = await api.ask('PUT', `${VMS}/replace`, {
      body: { ...changed, spec: { runStrategy: 'Always' } },
    });
    expect(stale.body).toMatchObject({
      message:
        'Operation cannot be fulfilled on virtualmachines.kubevirt.io "replace": the object has been modified; please apply your changes to the latest version and try again',
      reason: 'Conflict',
      code: 409,
    });
    const { resourceVersion: _gone, ...metadata } = made.metadata;
    const bare = await api.ask('PUT', `${VMS}/replace`, { body: { ...made, metadata } });
    expect(bare.body.message).toBe(
      'virtualmachines.kubevirt.io "replace" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
    expect((await api.ask('PUT', `${VMS}/absent`, { body: vmManifest('absent') })).status).toBe(404);
  });

  it('writes status only at /status, and only there', async () => {
    const { body: made } = await create('status');
    const sent = { ...made, spec: { runStrategy: 'Always' }, status: { printableStatus: 'Running' } };
    const answered = await api.ask('PUT', `${VMS}/status/status`, { body: sent });
    expect(answered.body).toMatchObject({
      spec: { runStrategy: 'Halted' },
      status: { printableStatus: 'Running' },
      metadata: { generation: 1 },
    });
    const noStatus = await api.ask(
      'GET',
      '/apis/kubevirt.io/v1/namespaces/dev/virtualmachineinstances/x/status',
    );
    expect(noStatus.status).toBe(404);
  });
});

describe('patching', () => {
  it('knows four kinds of patch', async () => {
    await create('patched', { metadata: { labels: { a: '1', b: '2' } } });
    const path = `${VMS}/patched`;
    const tested = await patch(path, JSON_PATCH, [
      { op: 'test', path: '/spec/runStrategy', value: 'Halted' },
      { op: 'replace', path: '/spec/runStrategy', value: 'Always' },
    ]);
    expect(tested.body.spec.runStrategy).toBe('Always');
    const merged = await patch(path, MERGE, { metadata: { labels: { a: null, c: '3' } } });
    expect(merged.body.metadata.labels).toEqual({ b: '2', c: '3' });
    // The type of a patch comes before the object.
    expect((await patch(`${VMS}/absent`, STRATEGIC, {})).status).toBe(415);
    const refused = await patch(path, STRATEGIC, {});
    expect(refused.body).toMatchObject({
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      code: 415,
    });
    await api.ask('POST', PODS, {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: { containers: [{ name: 'a', image: 'x' }] },
      },
    });
    const strategic = await patch(`${PODS}/p`, STRATEGIC, {
      spec: { containers: [{ name: 'b', image: 'y' }] },
    });
    expect(strategic.body.spec.containers).toHaveLength(2);
  });

  it('refuses a failed test, a stale version, another name and an impossible path', async () => {
    const { body: made } = await create('guarded');
    const path = `${VMS}/guarded`;
    for (const operation of [
      { op: 'test', path: '/spec/runStrategy', value: 'Always' },
      { op: 'remove', path: '/spec/nope/x' },
    ]) {
      const refused = await patch(path, JSON_PATCH, [operation]);
      expect(refused.body).toMatchObject({
        message: 'the server rejected our request due to an error in our request',
        reason: 'Invalid',
        details: {},
        code: 422,
      });
    }
    await patch(path, MERGE, { metadata: { labels: { a: 'b' } } });
    const stale = await patch(path, MERGE, {
      metadata: { resourceVersion: made.metadata.resourceVersion, labels: { a: 'c' } },
    });
    expect(stale.status).toBe(409);
    const renamed = await patch(path, MERGE, { metadata: { name: 'other' } });
    expect(renamed.body.message).toBe(
      'the name of the object (other) does not match the name on the URL (guarded)',
    );
  });

  it('applies, creates by applying, prunes what is left out and names who is in the way', async () => {
    const path = `${VMS}/applied`;
    const config = (labels: object, spec: object = { runStrategy: 'Halted', template: {} }) => ({
      ...vmManifest('applied', { metadata: { labels } }),
      spec,
    });
    expect((await patch(path, APPLY, config({}))).status).toBe(422);
    const made = await patch(`${path}?fieldManager=one`, APPLY, config({ a: '1', b: '2' }));
    expect(made.status).toBe(201);
    expect(made.body.metadata.managedFields).toMatchObject([
      { manager: 'one', operation: 'Apply', apiVersion: 'kubevirt.io/v1' },
    ]);
    const pruned = await patch(`${path}?fieldManager=one`, APPLY, config({ a: '1' }));
    expect(pruned.body.metadata.labels).toEqual({ a: '1' });
    const conflict = await patch(`${path}?fieldManager=two`, APPLY, config({ a: 'x' }));
    expect(conflict.body).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "one": .metadata.labels.a',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "one"',
            field: '.metadata.labels.a',
          },
        ],
      },
      code: 409,
    });
    const forced = await patch(`${path}?fieldManager=two&force=true`, APPLY, config({ a: 'x' }));
    expect(forced.body.metadata.labels).toEqual({ a: 'x' });
    const again = await patch(`${path}?fieldManager=two`, APPLY, config({ a: 'x' }));
    expect(again.body.metadata.resourceVersion).toBe(forced.body.metadata.resourceVersion);
  });
});

describe('deleting', () => {
  it('answers with a Status, or with the object while finalizers hold it', async () => {
    const { body: made } = await create('gone');
    const path = `${VMS}/gone`;
    const wrong = await api.ask('DELETE', path, { body: { preconditions: { uid: 'other' } } });
    expect(wrong.status).toBe(409);
    const gone = await api.ask('DELETE', path);
    expect(gone.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'gone', group: 'kubevirt.io', kind: 'virtualmachines', uid: made.metadata.uid },
    });
    expect((await api.ask('DELETE', path)).body.message).toBe('virtualmachines.kubevirt.io "gone" not found');
    await create('held', { metadata: { finalizers: ['example.com/hold'] } });
    for (let round = 0; round < 2; round += 1) {
      const held = await api.ask('DELETE', `${VMS}/held?propagationPolicy=Foreground`);
      expect(held.status).toBe(200);
      expect(held.body.metadata).toMatchObject({
        deletionTimestamp: expect.any(String),
        finalizers: expect.arrayContaining(['example.com/hold']),
      });
    }
    const added = await patch(`${VMS}/held`, MERGE, {
      metadata: { finalizers: ['example.com/hold', 'example.com/new'] },
    });
    expect(added.body.message).toContain(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted',
    );
    await patch(`${VMS}/held`, MERGE, { metadata: { finalizers: null } });
    expect((await api.ask('GET', `${VMS}/held`)).status).toBe(404);
  });

  it('deletes what a selector selects', async () => {
    await create('batch-1', { metadata: { labels: { batch: 'x' } } });
    await create('batch-2', { metadata: { labels: { batch: 'x' } } });
    await create('batch-3', { metadata: { labels: { batch: 'y' } } });
    const answer = await api.ask('DELETE', `${VMS}?labelSelector=batch%3Dx`);
    expect(answer.body.items).toHaveLength(2);
    expect((await api.ask('GET', `${VMS}?labelSelector=batch`)).body.items).toHaveLength(1);
  });

  it('shows a namespace on its way out', async () => {
    await api.ask('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } },
    });
    const vms = VMS.replace('/dev/', '/doomed/');
    await api.ask('POST', vms, {
      body: vmManifest('held', { metadata: { finalizers: ['example.com/hold'] } }),
    });
    const answer = await api.ask('DELETE', '/api/v1/namespaces/doomed');
    expect(answer.body.status.phase).toBe('Terminating');
    const refused = await api.ask('POST', vms, { body: vmManifest('late') });
    expect(refused.body).toMatchObject({
      message:
        'virtualmachines.kubevirt.io "late" is forbidden: unable to create new content in namespace doomed because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
      code: 403,
    });
    await patch(`${vms}/held`, MERGE, { metadata: { finalizers: null } });
    expect((await api.ask('GET', '/api/v1/namespaces/doomed')).status).toBe(404);
  });
});
