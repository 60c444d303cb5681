import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { applyMergePatch } from '@/lib/k8s/patch';
import type { ApiReply, ApiRequest, callApi } from '@/lib/k8s/request';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { openObject, typeText } from './object-edit';
import { saveObject } from './save-object';

const vm = (cores: number, version: number, strategy = 'Always') => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'a', resourceVersion: String(version) },
  spec: { cores, strategy },
});
const edit = typeText(openObject(vm(1, 1)), openObject(vm(1, 1)).text.replace('cores: 1', 'cores: 2'));

/** An API server of one object: guards by version, answers 409 as Kubernetes does. */
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
    const body = request.body as { metadata: { resourceVersion: string } };
    if (body.metadata.resourceVersion !== metadata.resourceVersion) {
      throw new ApiError(409, 'Conflict', 'the object has been modified', asked);
    }
    const next = applyMergePatch(state.stored, body);
    if (request.query?.dryRun) return { body: next, warnings: [] };
    state.stored = { ...next, metadata: { ...metadata, resourceVersion: '99' } };
    return { body: state.stored, warnings: ['spec.running is deprecated'] };
  }) as typeof callApi;
  return { call, log, state };
}

const save = ({ call }: ReturnType<typeof server>) =>
  saveObject(edit, { call, cluster: 'c', path: '/x', view: (object) => object });

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

  it('goes on when a controller writes between the question and the change', async () => {
    const api = server(vm(1, 1), (stored, attempt) => (attempt === 1 ? vm(1, 7) : stored));
    expect((await save(api)).kind).toBe('saved');
    expect(api.log).toEqual(['PATCH dry', 'PATCH', 'GET', 'PATCH dry', 'PATCH']);
  });

  it('hands both sides back when others changed the same', async () => {
    const outcome = await save(server(vm(8, 5)));
    expect(outcome.kind).toBe('conflict');
    expect(outcome.edit.text).toContain('cores: 2');
    expect(outcome.edit.ahead?.conflicts).toEqual([['spec', 'cores']]);
  });

  it('gives up on an object that never rests', async () => {
    const outcome = await save(server(vm(1, 1), (_stored, attempt) => vm(1, 10 + attempt)));
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 409 } });
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
