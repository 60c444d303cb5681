import { expect, it } from 'vitest';
import { send, serverPerTest } from './testing/harness';

const harness = serverPerTest();

it('tells how each cluster does, to everybody, without anybody’s credentials', async () => {
  harness.fake.answer = (_, response) => response.end(JSON.stringify({ gitVersion: 'v1.34.1' }));
  const { status, body } = await send(harness.host, '/api/clusters', { host: harness.host });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    clusters: [
      { name: 'fake', state: 'answers', kubernetes: 'v1.34.1' },
      { name: 'untrusted', state: 'silent', words: expect.stringMatching(/certificate .* is not trusted/) },
      { name: 'nowhere', state: 'silent', words: expect.stringMatching(/connection refused/) },
    ],
  });
  expect(harness.fake.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/version', undefined],
  ]);
});

it('takes a cluster that refuses strangers for one that answers', async () => {
  harness.fake.answer = (_, response) => response.writeHead(401).end('{}');
  const { body } = await send(harness.host, '/api/clusters', { host: harness.host });
  expect(JSON.parse(body).clusters[0]).toEqual({ name: 'fake', state: 'answers' });
});

it('is only read', async () => {
  const { status } = await send(harness.host, '/api/clusters', { host: harness.host }, { method: 'DELETE' });
  expect(status).toBe(405);
});

it('does not tell those that name another host', async () => {
  const { status } = await send(harness.host, '/api/clusters', { host: 'evil.example' });
  expect(status).toBe(403);
});
