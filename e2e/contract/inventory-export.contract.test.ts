import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { VmRow } from '@/lib/kinds/vm/row';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { PortlightServer } from '@/server/portlight-server';

const COUNT = 2_300;
const VMS = '/apis/kubevirt.io/v1/virtualmachines';

let sandbox: TestSandbox;
let server: PortlightServer;
let origin: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ scale: { vms: COUNT, churn: 0, seed: 5 } });
  for (const namespace of ['dev', 'closed']) await sandbox.createNamespace(namespace);
  const vm = testVm('formula', 'Halted');
  const metadata = { name: 'formula', annotations: { description: '=cmd|\' /C calc\'!A0, "now"' } };
  expect((await sandbox.createVm({ ...vm, metadata }, 'dev')).status).toBe(201);
  expect((await sandbox.createVm(testVm('hidden', 'Halted'), 'closed')).status).toBe(201);
  const directory = await ClusterDirectory.open({ kind: 'kubeconfig', files: [sandbox.kubeconfig] });
  server = new PortlightServer({ directory, hosts: { names: [], remote: false } });
  origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
});
afterAll(async () => {
  await server.close(500);
  await sandbox.close();
});

const ask = (query: string, cluster = 'sandbox', init: RequestInit = {}) =>
  fetch(`${origin}/api/inventory/${cluster}/vms?${query}`, init);

async function rows(query: string, cluster?: string): Promise<VmRow[]> {
  const answer = await ask(`format=rows&${query}`, cluster);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as VmRow);
}

/** What the API itself lists, as `namespace/name`, sorted. */
async function listed(where = VMS): Promise<string[]> {
  const { items } = (await sandbox.ask('GET', where)).body as {
    items: { metadata: { namespace: string; name: string } }[];
  };
  return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
}
const named = (all: { namespace: string; name: string }[]) =>
  all.map(({ namespace, name }) => `${namespace}/${name}`).sort();

describe('GET /api/inventory/<cluster>/vms', () => {
  it('gives everything that the API lists, each once, in the list’s order', async () => {
    const all = await rows('');
    expect(named(all)).toEqual(await listed());
    expect(all.length).toBeGreaterThanOrEqual(COUNT + 2);
    const reversed = await rows('sort=-name');
    expect(reversed.map(({ name }) => name)).toEqual(all.map(({ name }) => name).reverse());
  });

  it('gives what a filter lets through, and a stretch of it', async () => {
    const [first] = await rows('count=1');
    const namespace = first?.namespace ?? '';
    expect(named(await rows(`ns=${namespace}`))).toEqual(
      await listed(`/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`),
    );
    const all = await rows('');
    expect(named(await rows('from=700&count=1200'))).toEqual(named(all.slice(700, 1_900)));
    expect(named(await rows(`from=${all.length - 3}&count=500`))).toEqual(named(all.slice(-3)));
    expect(await rows('from=999999')).toEqual([]);
  });

  it('writes CSV for spreadsheets, with the columns asked for and nothing that they would run', async () => {
    const answer = await ask('format=csv&cols=name,memory,description&q=formula');
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="virtual-machines-sandbox-\d{4}-\d\d-\d\d\.csv"/,
    );
    const lines = (await answer.text()).split('\r\n');
    expect(lines[0]).toBe('namespace,name,memoryBytes,description');
    expect(lines[1]).toMatch(/^dev,formula,\d+,"'=cmd\|' \/C calc'!A0, ""now"""$/);
    expect(lines).toHaveLength(3);
    const everything = (await (await ask('format=csv')).text()).trimEnd().split('\r\n');
    expect(everything).toHaveLength((await listed()).length + 1);
  });

  it('writes one JSON array, an empty one when nothing matches', async () => {
    const all = (await (await ask('')).json()) as { namespace: string; name: string; status: string }[];
    expect(named(all)).toEqual(await listed());
    expect(all.find(({ name }) => name === 'formula')).toMatchObject({ status: 'Stopped', namespace: 'dev' });
    expect(await (await ask('q=nothing-is-called-so')).json()).toEqual([]);
  });

  it('gives people what the API would let them list, and nobody else’s rows', async () => {
    const forbidden = await ask('', 'sandbox-vic');
    expect(forbidden.status).toBe(403);
    expect(((await forbidden.json()) as { message: string }).message).toContain('cannot list resource');
    expect(named(await rows('known=dev,closed', 'sandbox-vic'))).toEqual(['dev/formula']);
    expect(named(await rows('ns=dev', 'sandbox-vic'))).toEqual(['dev/formula']);
    expect((await ask('ns=closed', 'sandbox-vic')).status).toBe(403);
  });

  it('refuses what is not understood, from elsewhere, or about no cluster', async () => {
    const codes = await Promise.all([
      ask('format=xml'),
      ask('from=-1'),
      ask('count=1e9'),
      ask('known=Not-A-Name'),
      ask('ns=../../pods'),
      ask('', 'no-such-cluster'),
      ask('', 'sandbox', { method: 'POST' }),
      ask('', 'sandbox', { headers: { origin: 'https://elsewhere.example' } }),
      ask('', 'sandbox', { headers: { 'sec-fetch-site': 'cross-site' } }),
      fetch(`${origin}/api/inventory/sandbox/pods`),
      fetch(`${origin}/api/inventory/%zz/vms`),
    ]);
    expect(codes.map(({ status }) => status)).toEqual([
      400, 400, 400, 400, 400, 404, 405, 403, 403, 404, 400,
    ]);
  });

  it('ends when nobody reads on, and answers the next', async () => {
    for (let each = 0; each < 20; each += 1) {
      const stop = new AbortController();
      const answer = await ask('format=rows', 'sandbox', { signal: stop.signal });
      await answer.body?.getReader().read();
      stop.abort();
    }
    expect((await rows('q=formula')).length).toBe(1);
  });

  it('misses none that is there all the time, and gives none twice, while others come and go', async () => {
    const before = await listed();
    const coming = (async () => {
      for (let each = 0; each < 60; each += 1) {
        await sandbox.createVm(testVm(`aa-${each}`, 'Halted'), 'dev');
        if (each % 2) await sandbox.deleteVm('dev', `aa-${each - 1}`);
      }
    })();
    const all = named(await rows(''));
    await coming;
    expect(new Set(all).size).toBe(all.length);
    expect(before.filter((name) => !all.includes(name))).toEqual([]);
  });
});
