import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi, vmManifest } from './testing/test-api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const MAPS = '/api/v1/namespaces/dev/configmaps';
const map = (name: string, text: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { text },
});
/** The bytes as they came, which fetch would unpack. */
const raw = async (path: string, headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') => {
  const response = await request(api.server.url + path, {
    method,
    dispatcher: api.agent,
    headers: { authorization: `Bearer ${api.server.tokens.admin}`, ...headers },
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes: Buffer.from(await response.body.arrayBuffer()),
  };
};

it('packs long answers for clients that can unpack them, and only those', async () => {
  for (const name of ['long', 'longer'])
    await api.ask('POST', MAPS, { body: map(name, 'x'.repeat(150_000)) });
  await api.ask('POST', MAPS, { body: map('short', 'x') });
  const plain = await raw(MAPS, {});
  const packed = await raw(MAPS, { 'accept-encoding': 'gzip, br' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 10);
  expect(gunzipSync(packed.bytes)).toEqual(plain.bytes);
  expect((await raw(`${MAPS}/long`, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip');
  expect(
    (await raw(`${MAPS}/short`, { 'accept-encoding': 'gzip' })).headers['content-encoding'],
  ).toBeUndefined();
});

it('indents for people and writes YAML, refusals too', async () => {
  const object = await raw(`${MAPS}/short?pretty=true`, {});
  expect(object.bytes.toString()).toContain('\n  "kind": "ConfigMap"');
  expect((await raw(`${MAPS}/short`, {})).bytes.toString()).toMatch(/^\{.*\}\n$/);
  const yaml = await raw(`${MAPS}/missing`, { accept: 'application/yaml' });
  expect(yaml.headers['content-type']).toBe('application/yaml');
  expect(yaml.bytes.toString()).toContain('message: configmaps "missing" not found');
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: b}\n';
  const sent = await api.ask('POST', MAPS, { body, headers: { 'content-type': 'application/yaml' } });
  expect([sent.status, sent.body.data]).toEqual([201, { a: 'b' }]);
});

it('refuses what it cannot read or write', async () => {
  expect((await api.ask('GET', MAPS, { headers: { accept: 'text/html' } })).body).toMatchObject({
    code: 406,
    reason: 'NotAcceptable',
    message:
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  });
  const form = await api.ask('POST', MAPS, { body: 'a=b', headers: { 'content-type': 'text/plain' } });
  expect([form.status, form.body.reason]).toEqual([415, 'UnsupportedMediaType']);
  const big = await api.ask('POST', MAPS, { body: map('big', 'x'.repeat(4 * 1024 * 1024)) });
  expect([big.status, big.body.message]).toEqual([413, 'Request entity too large: limit is 3145728']);
});

it('knows no HEAD for built-in kinds, and no verb that a kind lacks', async () => {
  const head = await raw(`${MAPS}/short`, {}, 'HEAD');
  expect([head.status, head.bytes.length]).toEqual([405, 0]);
  expect((await raw('/healthz', {}, 'HEAD')).status).toBe(200);
  const post = await api.ask('POST', `${MAPS}/short`, { body: map('short', 'y') });
  expect([post.status, post.text]).toEqual([405, '405: Method Not Allowed']);
  const vm = '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines/a';
  const custom = await api.ask('POST', vm, { body: vmManifest('a') });
  expect(custom.body.message).toBe(
    'create is not supported on resources of kind "virtualmachines.kubevirt.io"',
  );
});

it('marks every answer', async () => {
  const { headers } = await raw(MAPS, {});
  expect(headers).toMatchObject({
    'cache-control': 'no-cache, private',
    'audit-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'x-kubernetes-pf-flowschema-uid': expect.any(String),
    'x-kubernetes-pf-prioritylevel-uid': expect.any(String),
  });
});
