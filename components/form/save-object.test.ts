import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { isJsonObject, type JsonPath, withValueAt } from '@/lib/k8s/json';
import { MERGE_PATCH } from '@/lib/k8s/patch';
import type { ApiReply, ApiRequest, callApi } from '@/lib/k8s/request';
import { JSON_PATCH, type JsonPatchOp, testsHold } from '@/lib/manifest/json-patch';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { maskSecret } from '@/lib/manifest/secret';
import { openObject, typeText } from './object-edit';
import { saveObject } from './save-object';

const vm = (cores: number, version: number, strategy = 'Always') => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'a', resourceVersion: String(version) },
  spec: { cores, strategy },
});
const edit = typeText(openObject(vm(1, 1)), openObject(vm(1, 1)).text.replace('cores: 1', 'cores: 2'));

/** Applies the operations of a patch, of those kinds that these tests send: on keys and at lists' ends. */
function patched(object: ManifestObject, ops: readonly JsonPatchOp[]): ManifestObject {
  return ops.reduce<ManifestObject>((before, each) => {
    if (each.op === 'test') return before;
    const path: JsonPath = each.path
      .split('/')
      .slice(1)
      .map((step) => (step === '-' ? 999 : /^\d+$/.test(step) ? Number(step) : step));
    const written = withValueAt(before, path, each.op === 'remove' ? undefined : each.value);
    const list = written.disks;
    return Array.isArray(list) ? { ...written, disks: list.filter(isJsonObject) } : written;
  }, object);
}

/** An API server of one object: carries out JSON patches, and answers 422 when a test fails as Kubernetes does. */
function server(
  stored: ManifestObject,
  meddle: (stored: ManifestObject, attempt: number) => ManifestObject = (s) => s,
) {
  const log: string[] = [];
  const state = { stored };
  let patches = 0;
  const call = (async (
    _cluster: string,
    path: string,
    request: ApiRequest = {},
  ): Promise<ApiReply<unknown>> => {
    const asked = { method: request.method ?? 'GET', path };
    log.push(`${asked.method}${request.query?.dryRun ? ' dry' : ''}`);
    if (asked.method === 'GET') return { body: state.stored, warnings: [] };
    state.stored = meddle(state.stored, patches++);
    const metadata = state.stored.metadata as Record<string, unknown>;
    expect(request.contentType).toBe(JSON_PATCH);
    const ops = request.body as JsonPatchOp[];
    if (!testsHold(state.stored, ops)) {
      throw new ApiError(422, '', 'the server rejected our request due to an error in our request', asked);
    }
    const next = patched(state.stored, ops);
    if (request.query?.dryRun) return { body: next, warnings: [] };
    state.stored = { ...next, metadata: { ...metadata, resourceVersion: '99' } };
    return { body: state.stored, warnings: ['spec.running is deprecated'] };
  }) as typeof callApi;
  return { call, log, state };
}

const save = ({ call }: ReturnType<typeof server>, which = edit) =>
  saveObject(which, { call, cluster: 'c', path: '/x', view: (object) => object });

/** What is added to a mapping is guarded by the version. */
const adding = typeText(edit, `${openObject(vm(1, 1)).text}  more: 1\n`);
const withDisks = (version: number, ...disks: object[]) => ({ ...vm(1, version), disks });
const [root, mine, theirs] = [{ name: 'root', bus: 'virtio' }, { name: 'mine' }, { name: 'theirs' }];
const openedDisks = openObject(withDisks(1, root));
const addingDisk = typeText(openedDisks, `${openedDisks.text}- name: mine\n`);

describe('saveObject', () => {
  it('asks first, then sends the difference', async () => {
    const api = server(vm(1, 1));
    const outcome = await save(api);
    expect(outcome).toMatchObject({ kind: 'saved', warnings: ['spec.running is deprecated'] });
    expect(outcome.edit.text).toContain('cores: 2');
    expect(api.log).toEqual(['PATCH dry', 'PATCH']);
  });

  it('goes on by itself when others changed something else', async () => {
    const api = server(vm(1, 5, 'Halted'));
    expect((await save(api)).kind).toBe('saved');
    expect(api.state.stored).toMatchObject({ spec: { cores: 2, strategy: 'Halted' } });
  });

  it('does not mind what a controller writes elsewhere meanwhile', async () => {
    const api = server(vm(1, 1), (stored, attempt) => (attempt === 1 ? vm(1, 7, 'Halted') : stored));
    expect((await save(api)).kind).toBe('saved');
    expect(api.log).toEqual(['PATCH dry', 'PATCH']);
    expect(api.state.stored).toMatchObject({ spec: { cores: 2, strategy: 'Halted' } });
  });

  it('reads anew and goes on when a new key met another version', async () => {
    const api = server(vm(1, 1), (stored, attempt) => (attempt === 1 ? vm(1, 7) : stored));
    expect((await save(api, adding)).kind).toBe('saved');
    expect(api.log).toEqual(['PATCH dry', 'PATCH', 'GET', 'PATCH dry', 'PATCH']);
    expect(api.state.stored).toMatchObject({ spec: { cores: 1, more: 1 } });
  });

  it('adds a disk beside the one that somebody else has added', async () => {
    const api = server(withDisks(5, root, theirs));
    expect((await save(api, addingDisk)).kind).toBe('saved');
    expect(api.state.stored).toMatchObject({ disks: [root, theirs, mine] });
  });

  it('hands both sides back when others changed the same', async () => {
    const outcome = await save(server(vm(8, 5)));
    expect(outcome.kind).toBe('conflict');
    expect(outcome.edit.text).toContain('cores: 2');
    expect(outcome.edit.ahead?.conflicts).toEqual([['spec', 'cores']]);
  });

  it('gives up on an object that never rests', async () => {
    const outcome = await save(
      server(vm(1, 1), (_stored, attempt) => vm(1, 10 + attempt)),
      adding,
    );
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 422 } });
  });

  it('takes a refusal that no failed test explains for what it says', async () => {
    const api = server(vm(1, 5));
    const refuse = (async (cluster: string, path: string, request: ApiRequest = {}) => {
      if (request.method !== 'PATCH') return api.call(cluster, path, request);
      throw new ApiError(422, 'Invalid', 'cores must be 1', { method: 'PATCH', path });
    }) as typeof callApi;
    const outcome = await save({ ...api, call: refuse });
    expect(outcome).toMatchObject({ kind: 'refused', error: { message: 'cores must be 1' } });
  });

  it('sends a Secret whose values are hidden as a merge patch of its version', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', resourceVersion: '1' },
      data: { a: 'YQ==', b: 'Yg==' },
    };
    const masked = openObject(maskSecret(secret));
    const sent: ApiRequest[] = [];
    const call = (async (_cluster: string, _path: string, request: ApiRequest = {}) => {
      sent.push(request);
      return { body: secret, warnings: [] };
    }) as typeof callApi;
    await save({ ...server(secret), call }, typeText(masked, masked.text.replace(/a: •+/, 'a: bmV3')));
    expect(sent[0]).toMatchObject({
      contentType: MERGE_PATCH,
      body: { data: { a: 'bmV3' }, metadata: { resourceVersion: '1' } },
    });
  });

  it('does not take another 409 for a changed version', async () => {
    const refuse = (async (_cluster: string, path: string, request: ApiRequest = {}) => {
      if (request.method === 'PATCH')
        throw new ApiError(409, 'Conflict', 'VM is migrating', { method: 'PATCH', path });
      return { body: vm(1, 1), warnings: [] };
    }) as typeof callApi;
    const outcome = await saveObject(edit, {
      call: refuse,
      cluster: 'c',
      path: '/x',
      view: (object) => object,
    });
    expect(outcome).toMatchObject({ kind: 'refused', error: { message: 'VM is migrating' } });
    expect(outcome.edit.text).toBe(edit.text);
  });
});
