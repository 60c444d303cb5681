import { expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { ApiReply, ApiRequest, callApi } from '@/lib/k8s/request';
import type { Made } from './create-run';
import { rollBack, type TakenBack } from './roll-back';

const resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };
const made = (name: string): Made => ({ resource, namespace: 'n', name, uid: `uid-${name}` });

/** An API server of names with uids: guards deletions by uid, and removes what has `slow` at the third look. */
function server(stored: Record<string, string>) {
  const log: string[] = [];
  const looks = new Map<string, number>();
  const call = (async (
    _cluster: string,
    path: string,
    request: ApiRequest = {},
  ): Promise<ApiReply<unknown>> => {
    const fail = (code: number, reason: string) => {
      throw new ApiError(code, reason, reason, { method: request.method ?? 'GET', path });
    };
    if (request.method !== 'DELETE') {
      const name = request.query?.fieldSelector?.replace('metadata.name=', '') ?? '';
      const look = (looks.get(name) ?? 0) + 1;
      looks.set(name, look);
      if (look === 3) delete stored[name];
      return { body: { items: stored[name] ? [{ metadata: { uid: stored[name] } }] : [] }, warnings: [] };
    }
    const name = path.split('/').at(-1) ?? '';
    log.push(name);
    const { preconditions } = request.body as { preconditions: { uid: string } };
    if (!stored[name]) fail(404, 'NotFound');
    if (stored[name] !== preconditions.uid) fail(409, 'Conflict');
    if (name.includes('kept')) fail(403, 'Forbidden');
    if (!name.includes('slow')) delete stored[name];
    return { body: {}, warnings: [] };
  }) as typeof callApi;
  return { call, log };
}

it('deletes the last first, each by its uid, and says what became of each', async () => {
  const api = server({ a: 'uid-a', kept: 'uid-kept', other: 'uid-of-another', slow: 'uid-slow' });
  const all = ['a', 'kept', 'other', 'missing', 'slow'].map(made);
  const outcomes = new Map<string, TakenBack>();
  const left = await rollBack({
    ...api,
    cluster: 'c',
    made: all,
    tell: ({ name }, outcome) => void outcomes.set(name, outcome),
    pause: async () => {},
  });
  expect(api.log).toEqual(['slow', 'missing', 'other', 'kept', 'a']);
  expect(left.map(({ name }) => name)).toEqual(['kept']);
  expect([...outcomes].map(([name, { state }]) => [name, state])).toEqual([
    ['slow', 'removed'],
    ['missing', 'gone'],
    ['other', 'gone'],
    ['kept', 'refused'],
    ['a', 'removed'],
  ]);
});
