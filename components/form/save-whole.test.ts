import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { ApiReply, ApiRequest } from '@/lib/k8s/request';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { openObject, typeText } from './object-edit';
import { saveWhole } from './save-whole';

const stored: ManifestObject = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
  spec: { size: 1, colour: 'red' },
};

function server(answer: (request: ApiRequest) => ManifestObject | ApiError) {
  const sent: ApiRequest[] = [];
  const call = async <T>(_: string, _path: string, request: ApiRequest = {}): Promise<ApiReply<T>> => {
    sent.push(request);
    const body = answer(request);
    if (body instanceof ApiError) throw body;
    return { body: body as T, warnings: [] };
  };
  return { sent, options: { call, cluster: 'lab', path: '/x', view: (object: ManifestObject) => object } };
}

const edit = () => {
  const opened = openObject(stored);
  return typeText(opened, opened.text.replace('size: 1', 'size: 2').replace('  colour: red\n', ''));
};
const refused = (code: number) => new ApiError(code, 'Conflict', 'no', { method: 'PATCH', path: '/x' });

describe('saving the whole text', () => {
  it('applies without what the server writes, asked first, and says what others keep', async () => {
    const { sent, options } = server(() => ({ ...stored, spec: { size: 2, colour: 'red' } }));
    const outcome = await saveWhole('apply', edit(), options);
    expect(outcome).toMatchObject({ kind: 'saved', stayed: ['spec.colour'] });
    expect(sent.map(({ query }) => query?.dryRun)).toEqual(['All', undefined]);
    expect(sent[1]).toMatchObject({
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, spec: { size: 2 } },
      query: { fieldManager: 'portlight', force: 'false' },
    });
    expect(sent[1]?.body).not.toHaveProperty('metadata.uid');
  });

  it('forces only when told, and hands on whose the fields are', async () => {
    const forced = server(() => stored);
    await saveWhole('force', edit(), forced.options);
    expect(forced.sent[0]?.query?.force).toBe('true');
    const { sent, options } = server(() => refused(409));
    expect(await saveWhole('apply', edit(), options)).toMatchObject({
      kind: 'refused',
      error: { code: 409 },
    });
    expect(sent).toHaveLength(1);
  });

  it('replaces the version that was opened, and asks where another one came between', async () => {
    const { sent, options } = server(() => stored);
    await saveWhole('replace', edit(), options);
    expect(sent[1]).toMatchObject({ method: 'PUT', body: { metadata: { resourceVersion: '1' } } });

    const newer = {
      ...stored,
      metadata: { name: 'a', resourceVersion: '2', uid: 'u' },
      spec: { size: 9, colour: 'red' },
    };
    const busy = server(({ method }) => (method === 'PUT' ? refused(409) : newer));
    expect(await saveWhole('replace', edit(), busy.options)).toMatchObject({ kind: 'conflict' });
    expect(busy.sent.map(({ method }) => method)).toEqual(['PUT', undefined]);
  });
});
