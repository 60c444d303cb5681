import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { countGroups } from '@/lib/inventory/count-groups';
import type { VmWindow } from '@/lib/inventory/inventory';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import { countTones } from '@/lib/kinds/vm/status';
import type { LiveState } from '@/lib/live/live-state';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { PortlightServer } from '@/server/portlight-server';
import { CookieJar } from '@/server/testing/cookie-jar';
import { type OwnLists, ownLists, withoutUsage } from './own-lists';
import { Tab } from './tab';

const VMS = 300;
const PROMISED_MS = 30_000;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const HOME = 'dev';
const ORDER = { ...DEFAULT_VM_QUERY, sort: { column: 'namespace', descending: false } } as const;
const GROUPS = ['namespace', 'status', 'node'] as const;

/** dana edits one namespace and vic looks at it; robin looks at one of forty; mira lists VMs there, and not VMIs. */
const PEOPLE = ['admin', 'dana', 'vic', 'robin', 'mira', 'nobody'] as const;
type Person = (typeof PEOPLE)[number];

let sandbox: TestSandbox;
let server: PortlightServer;
let origin: string;
let agent: Agent;
let directory: string;
let namespaces: string[];
let tokens: Record<string, string>;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ scale: { vms: VMS, churn: 0, seed: 5 } });
  await sandbox.createNamespace(HOME);
  await sandbox.createVm(testVm('at-home', 'Halted'), HOME);
  agent = new Agent({ connect: { ca: sandbox.ca }, connections: 8 });
  const { body } = await sandbox.ask('GET', '/api/v1/namespaces');
  namespaces = (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name).sort();
  tokens = { ...sandbox.tokens };
  for (const name of ['robin', 'mira', 'nobody', 'reader']) tokens[name] = await account(name);
  await allowReader();
  await role('list-vms', [{ apiGroups: ['kubevirt.io'], resources: ['virtualmachines'], verbs: ['list'] }]);
  await bind('robin', populated(3), 'kubevirt.io:view');
  await bind('mira', populated(3), 'list-vms');
  directory = await mkdtemp(path.join(tmpdir(), 'portlight-views-'));
  await writeFile(path.join(directory, 'token'), tokens.reader ?? '');
  const config = path.join(directory, 'portlight.yaml');
  await writeFile(config, 'reader: {tokenFile: token}\n');
  const clusters = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [sandbox.kubeconfig] },
    { config, signIn: plainMethods(['token']) },
  );
  server = new PortlightServer({
    directory: clusters,
    hosts: { names: [], remote: false },
    pages: {
      // What the list's page renders into its HTML.
      handle: (_, response) =>
        void server.reader
          .firstVmWindow('sandbox', ORDER)
          .then((first) => response.end(JSON.stringify(first))),
    },
  });
  origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
}, 120_000);
afterAll(async () => {
  await server.close(500);
  await agent.close();
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

async function account(name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${HOME}/serviceaccounts`;
  await sandbox.ask('POST', accounts, { metadata: { name } });
  const { body } = await sandbox.ask('POST', `${accounts}/${name}/token`, { spec: {} });
  return body.status.token;
}

const subject = (name: string) =>
  name in sandbox.tokens
    ? { kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }
    : { kind: 'ServiceAccount', name, namespace: HOME };
const roleRef = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });

async function role(name: string, rules: object[]): Promise<void> {
  expect((await sandbox.ask('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules })).status).toBe(201);
}

async function bind(name: string, namespace: string, clusterRole: string): Promise<void> {
  const binding = { metadata: { name }, roleRef: roleRef(clusterRole), subjects: [subject(name)] };
  const where = `${RBAC}/namespaces/${namespace}/rolebindings`;
  expect((await sandbox.ask('POST', where, binding)).status).toBe(201);
}

async function unbind(name: string, namespace: string): Promise<void> {
  const where = `${RBAC}/namespaces/${namespace}/rolebindings/${name}`;
  expect((await sandbox.ask('DELETE', where)).status).toBe(200);
}

/** The role that docs/configuration.md gives. */
async function allowReader(): Promise<void> {
  await role('portlight-reader', [
    {
      apiGroups: ['kubevirt.io'],
      resources: ['virtualmachines', 'virtualmachineinstances'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['list'] },
  ]);
  const binding = {
    metadata: { name: 'portlight-reader' },
    roleRef: roleRef('portlight-reader'),
    subjects: [subject('reader')],
  };
  expect((await sandbox.ask('POST', `${RBAC}/clusterrolebindings`, binding)).status).toBe(201);
}

/** A namespace in which the generator put machines. */
function populated(place: number): string {
  const found = namespaces.filter((name) => /-/.test(name) && !/^(kube|openshift|cdi|cluster)/.test(name));
  return found[place] ?? '';
}

const askAs = (person: Person) => async (where: string) => {
  const headers = { authorization: `Bearer ${tokens[person]}` };
  const answer = await fetch(sandbox.url + where, { dispatcher: agent, headers });
  return { status: answer.status, body: await answer.json() };
};

async function signedIn(person: Person): Promise<CookieJar> {
  const jar = new CookieJar();
  const answer = await jar.fetch(`${origin}/auth/c/sandbox/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token: tokens[person] }),
  });
  expect(answer.status).toBe(200);
  return jar;
}

interface Shown {
  jar: CookieJar;
  tab: Tab;
  window: () => LiveState;
  counts: () => LiveState;
  groups: () => LiveState;
  names: Set<string>;
  named: () => LiveState;
}

async function openTab(person: Person, everyName: string[]): Promise<Shown> {
  const jar = await signedIn(person);
  const tab = await Tab.open(origin, { cookie: jar.header() });
  return {
    jar,
    tab,
    window: tab.subscribe({ kind: 'vms', query: ORDER, window: { from: 0, count: 500 } }),
    counts: tab.subscribe({ kind: 'vm-counts' }),
    groups: tab.subscribe({ kind: 'vm-groups', query: ORDER, by: [...GROUPS] }),
    // Whoever knows the names of others' VMs learns nothing by asking for them.
    names: new Set(everyName),
    named: tab.subscribe({ kind: 'vm-rows', vms: everyName }),
  };
}

const sorted = <Row extends { namespace: string; name: string }>(rows: Row[]) =>
  rows.toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));

/** Waits until every way to the rows shows what each person's own LIST calls return, and nothing else. */
async function expectOwnViews(
  shown: Record<Person, Shown>,
  since: number,
): Promise<Record<Person, OwnLists>> {
  const own = {} as Record<Person, OwnLists>;
  for (const person of PEOPLE) own[person] = await untilOwnView(person, shown[person], since);
  return own;
}

async function untilOwnView(person: Person, shown: Shown, since: number): Promise<OwnLists> {
  for (;;) {
    // Guests come up meanwhile, so lists are as true as they are new.
    const own = await ownLists(askAs(person), namespaces);
    try {
      await vi.waitFor(() => expectOwnView(person, shown, own), { timeout: 3_000, interval: 300 });
      return own;
    } catch (cause) {
      if (Date.now() - since > PROMISED_MS) throw cause;
    }
  }
}

async function expectOwnView(person: Person, shown: Shown, own: OwnLists): Promise<void> {
  const rows = own.records.map(({ row }) => row);
  const mayNothing = rows.length === 0;
  const { state } = shown.window().feed;
  expect(state, person).toBe(mayNothing ? 'refused' : 'live');
  expect(sorted(shown.window().rows).map(withoutUsage), person).toEqual(rows.map(withoutUsage));
  expect(shown.window().total).toBe(rows.length);
  const asked = rows.filter(({ namespace, name }) => shown.names.has(`${namespace}/${name}`));
  expect(sorted(shown.named().rows).map(withoutUsage)).toEqual(asked.map(withoutUsage));
  for (const row of shown.window().rows.filter(({ usage }) => usage))
    expect(own.measured).toContain(row.namespace);
  const first = (await (await shown.jar.fetch(`${origin}/`)).json()) as VmWindow;
  expect(first.total).toBe(rows.length);
  const whole = new Map(rows.map((row) => [row.uid, withoutUsage(row)]));
  expect(first.rows).toHaveLength(Math.min(50, rows.length));
  for (const row of first.rows) expect(withoutUsage(row)).toEqual(whole.get(row.uid));
  const exported = await shown.jar.fetch(`${origin}/api/inventory/sandbox/vms?format=rows`);
  expect(exported.status, person).toBe(mayNothing ? 403 : 200);
  if (mayNothing) return;
  const lines = (await exported.text()).trim().split('\n');
  expect(sorted(lines.map((line) => JSON.parse(line) as VmRow)).map(withoutUsage), person).toEqual(
    rows.map(withoutUsage),
  );
  expect(shown.counts().counts).toEqual(countTones(own.records.map(({ row }) => row)));
  const { all, groups } = countGroups(own.records, GROUPS, 100);
  const { usage: _, ...numbers } = shown.groups().groups?.all ?? { usage: undefined };
  expect(numbers).toEqual(all);
  for (const dimension of GROUPS) {
    const told = shown.groups().groups?.groups[dimension];
    expect(told?.groups.map(withoutUsage), `${person} ${dimension}`).toEqual(groups[dimension]?.groups);
    expect(told?.more).toBe(0);
  }
}

describe('three users and three more of one cluster, side by side', () => {
  const shown = {} as Record<Person, Shown>;
  afterAll(() => {
    for (const { tab } of Object.values(shown)) tab.close();
  });

  it('see what their own lists return, row by row, in rows, counts, groups, names, exports and the first window', async () => {
    const { records } = await ownLists(askAs('admin'), namespaces);
    const everyName = records.map(({ row }) => `${row.namespace}/${row.name}`);
    for (const person of PEOPLE) shown[person] = await openTab(person, everyName);
    const own = await expectOwnViews(shown, Date.now());
    const sizes = Object.fromEntries(PEOPLE.map((person) => [person, own[person].records.length]));
    expect(sizes.admin).toBeGreaterThan(VMS);
    expect([sizes.dana, sizes.vic, sizes.nobody]).toEqual([1, 1, 0]);
    expect(sizes.robin).toBeGreaterThan(0);
    expect(sizes.mira).toBe(sizes.robin);
    // mira sees the machines that robin sees, without what their instances tell.
    expect(shown.robin.window().rows.some(({ node }) => node !== '')).toBe(true);
    expect(shown.mira.window().rows.every(({ node, ips }) => node === '' && ips.length === 0)).toBe(true);
    expect(shown.robin.window().feed).toEqual({
      state: 'live',
      only: { namespaces: [populated(3)], denied: [] },
    });
  }, 90_000);

  it('are told by the API why there is nothing', () => {
    const { feed } = shown.nobody.window();
    expect(feed).toMatchObject({
      state: 'refused',
      error: {
        code: 403,
        message: expect.stringContaining(
          `User "system:serviceaccount:${HOME}:nobody" cannot list resource "virtualmachines"`,
        ),
      },
    });
  });

  it('cost two watches, one of VMs and one of VMIs', async () => {
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    expect(/^portlight_watches (\d+)$/m.exec(metrics)?.[1]).toBe('2');
  });

  it('lose and get rows within 30 s of their rights, everywhere, and nobody else notices', async () => {
    let changed = Date.now();
    await unbind('robin', populated(3));
    await bind('nobody', populated(5), 'kubevirt.io:view');
    await bind('dana', populated(6), 'list-vms');
    await expectOwnViews(shown, changed);
    expect(shown.robin.window().feed.state).toBe('refused');
    expect(shown.nobody.window().total).toBeGreaterThan(0);
    changed = Date.now();
    await bind('robin', populated(3), 'kubevirt.io:view');
    await unbind('nobody', populated(5));
    await unbind('dana', populated(6));
    await expectOwnViews(shown, changed);
    expect(shown.robin.window().total).toBeGreaterThan(0);
    expect(shown.nobody.window().feed.state).toBe('refused');
  }, 120_000);

  it('stay the same through changes of the cluster', async () => {
    await sandbox.createVm(testVm('new-at-home', 'Halted'), HOME);
    await sandbox.deleteVm(HOME, 'at-home');
    await expectOwnViews(shown, Date.now());
    expect(shown.dana.window().rows.map(({ name }) => name)).toEqual(['new-at-home']);
  }, 60_000);
});
