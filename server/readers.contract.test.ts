import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ReaderSettings } from '@/lib/auth/cluster';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { READER_KEY } from '@/lib/inventory/transport';
import { Readers } from './readers';
import { FakeCluster } from './testing/fake-cluster';
import { Upstreams } from './upstream';
import { WatchTransport } from './watch-transport';

const VMS = '/apis/kubevirt.io/v1/virtualmachines?limit=500';
const ASKER = { cluster: { name: 'fake' }, key: READER_KEY };
const OPTIONS = () => ({ signal: AbortSignal.timeout(5_000), streaming: false });

let folder: string;
let cluster: FakeCluster;
let upstreams: Upstreams;
let logged: string[];
beforeAll(async () => {
  cluster = await FakeCluster.start();
  folder = mkdtempSync(path.join(tmpdir(), 'readers-'));
});
beforeEach(() => {
  upstreams = new Upstreams();
  logged = [];
  cluster.seen.length = 0;
  writeFileSync(path.join(folder, 'token'), 'the-readers-token');
});
afterEach(() => upstreams.close());
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function transportWith(settings?: ReaderSettings): Promise<WatchTransport> {
  const directory = await ClusterDirectory.open({ kind: 'kubeconfig', files: [cluster.kubeconfig] });
  const readers = new Readers(
    {
      find: async (name) => {
        const found = await directory.find(name);
        return found && { ...found, ...(settings ? { reader: settings } : {}) };
      },
    },
    (sentence) => logged.push(sentence),
  );
  return new WatchTransport(upstreams, readers);
}

it('lists with the reader’s own token', async () => {
  const transport = await transportWith({ tokenFile: path.join(folder, 'token') });
  const { status } = await transport.get(ASKER, VMS, OPTIONS());
  expect(status).toBe(200);
  expect(cluster.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    [VMS, 'Bearer the-readers-token'],
  ]);
});

it('sends nothing but lists and watches of what the list shows', async () => {
  const transport = await transportWith({ tokenFile: path.join(folder, 'token') });
  for (const forbidden of ['/api/v1/secrets', '/apis/kubevirt.io/v1/namespaces/a/virtualmachines/web']) {
    await expect(transport.get(ASKER, forbidden, OPTIONS())).rejects.toThrow('The reader does not ask');
  }
  expect(cluster.seen).toEqual([]);
});

it.each([
  ['has no reader', undefined, []],
  [
    'has a reader without a token',
    { tokenFile: '/nowhere/token' },
    [
      "The reader of fake cannot list: The reader's token in /nowhere/token cannot be read (ENOENT). Everybody's own credentials are used in its place.",
    ],
  ],
])('counts as refused where the cluster %s, and the log says why', async (_, settings, words) => {
  const transport = await transportWith(settings);
  for (const _time of [1, 2]) {
    await expect(transport.get(ASKER, VMS, OPTIONS())).rejects.toMatchObject({
      code: 403,
      message: 'The console itself may not list /apis/kubevirt.io/v1/virtualmachines.',
    });
  }
  expect(cluster.seen).toEqual([]);
  if (words.length > 0) expect(logged).toEqual(words);
});

it('tries a renewed token after a 401, and says the API’s words in the log and no token', async () => {
  const file = path.join(folder, 'token');
  const transport = await transportWith({ tokenFile: file });
  cluster.answer = (request, response) => {
    const isNew = request.headers.authorization === 'Bearer a-new-token';
    if (!isNew) writeFileSync(file, 'a-new-token');
    response.statusCode = isNew ? 200 : 401;
    response.end(isNew ? '{}' : JSON.stringify({ kind: 'Status', code: 401, message: 'Unauthorized' }));
  };
  expect((await transport.get(ASKER, VMS, OPTIONS())).status).toBe(200);
  cluster.answer = (_, response) => {
    response.statusCode = 403;
    response.end(
      JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'User "x" cannot list' }),
    );
  };
  await expect(transport.get(ASKER, VMS, OPTIONS())).rejects.toMatchObject({ code: 403 });
  expect(logged.join('\n')).toContain('User "x" cannot list');
  expect(logged.join('\n')).not.toContain('token');
});
