import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi, vmManifest } from './testing/test-api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ historyLimit: 40 });
});
afterAll(() => api.close());

const base = '/apis/kubevirt.io/v1';
/** A namespace of its own with some VMs in it. */
async function place(name: string, vms: string[] = []): Promise<string> {
  api.cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const path = `${base}/namespaces/${name}/virtualmachines`;
  for (const vm of vms)
    await api.ask('POST', path, { body: vmManifest(vm, { metadata: { labels: { name: vm } } }) });
  return path;
}
const touch = (path: string, labels: object) =>
  api.ask('PATCH', path, {
    body: { metadata: { labels } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
const brief = (events: { type: string; object: { metadata: { name?: string } } }[]) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());

describe('lists', () => {
  it('come in pages over one version', async () => {
    const path = await place('paged', ['a', 'b', 'c', 'd']);
    const first = await api.ask('GET', `${path}?limit=2`);
    expect(first.body).toMatchObject({
      kind: 'VirtualMachineList',
      apiVersion: 'kubevirt.io/v1',
      metadata: { remainingItemCount: 2 },
    });
    await api.ask('DELETE', `${path}/c`);
    await api.ask('POST', path, { body: vmManifest('bb') });
    const token = encodeURIComponent(first.body.metadata.continue);
    const second = await api.ask('GET', `${path}?limit=2&continue=${token}`);
    expect(second.body.items.map((vm: { metadata: { name: string } }) => vm.metadata.name)).toEqual([
      'c',
      'd',
    ]);
    expect(second.body.metadata).toEqual({
      continue: '',
      resourceVersion: first.body.metadata.resourceVersion,
    });
    for (let round = 0; round < 60; round += 1) await touch(`${path}/a`, { round: String(round) });
    const expired = await api.ask('GET', `${path}?limit=2&continue=${token}`);
    expect(expired.body).toMatchObject({
      reason: 'Expired',
      code: 410,
      metadata: { continue: expect.any(String) },
    });
    const rest = await api.ask(
      'GET',
      `${path}?limit=2&continue=${encodeURIComponent(expired.body.metadata.continue)}`,
    );
    expect(rest.body.items.map((vm: { metadata: { name: string } }) => vm.metadata.name)).toEqual([
      'bb',
      'd',
    ]);
  });

  it.each([
    ['labelSelector=a%3D%3D%3D', 400, "unable to parse requirement: found '=', expected: identifier"],
    ['fieldSelector=spec.foo%3Dx', 400, 'field label not supported: spec.foo'],
    ['continue=nonsense', 400, 'continue key is not valid'],
    ['resourceVersion=abc', 400, 'invalid resource version'],
    [
      'resourceVersionMatch=Exact',
      422,
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=99999999&resourceVersionMatch=NotOlderThan',
      504,
      'Timeout: Too large resource version: 99999999, current: ',
    ],
  ])('refuse %s', async (query, status, message) => {
    const refused = await api.ask('GET', `${base}/virtualmachines?${query}`);
    expect(refused.body.message).toContain(message);
    expect(refused.status).toBe(status);
  });

  it('leave the type out of built-in items and keep it in custom ones', async () => {
    const path = await place('typed', ['a']);
    expect((await api.ask('GET', path)).body.items[0]).toMatchObject({
      kind: 'VirtualMachine',
      apiVersion: 'kubevirt.io/v1',
    });
    const { items, kind } = (await api.ask('GET', '/api/v1/namespaces')).body;
    expect(kind).toBe('NamespaceList');
    expect(items[0].kind).toBeUndefined();
  });

  it('come as tables and as bare metadata', async () => {
    const path = await place('tables', ['a']);
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const table = (await api.ask('GET', path, { headers: { accept } })).body;
    expect(table.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
      'Name',
      'Age',
      'Status',
      'Ready',
    ]);
    expect(table.rows).toMatchObject([
      {
        cells: ['a', expect.stringMatching(/^\d+s$/), null, null],
        object: { kind: 'PartialObjectMetadata' },
      },
    ]);
    const partial = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const list = (await api.ask('GET', path, { headers: { accept: partial } })).body;
    expect(list).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    });
    expect(list.items[0].spec).toBeUndefined();
    expect((await api.ask('GET', path, { headers: { accept: 'text/html' } })).status).toBe(406);
  });

  it('show events under both of their groups', async () => {
    const about = api.cluster.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'about' },
    });
    api.cluster.event(about, { type: 'Warning', reason: 'Test', message: 'hello', component: 'tester' });
    const uid = about.metadata.uid;
    const core = await api.ask(
      'GET',
      `/api/v1/namespaces/default/events?fieldSelector=involvedObject.uid%3D${uid}`,
    );
    expect(core.body.items).toMatchObject([{ message: 'hello', involvedObject: { name: 'about' } }]);
    const newer = await api.ask('GET', `/apis/events.k8s.io/v1/events?fieldSelector=regarding.uid%3D${uid}`);
    expect(newer.body.items).toMatchObject([
      { note: 'hello', regarding: { name: 'about' }, reportingController: 'tester' },
    ]);
  });

  it('warn about the deprecated version', async () => {
    const old = await api.ask('GET', '/apis/kubevirt.io/v1alpha3/virtualmachines');
    expect(old.body.apiVersion).toBe('kubevirt.io/v1alpha3');
    expect(old.headers.get('warning')).toBe(
      '299 - "kubevirt.io/v1alpha3 is now deprecated and will be removed in a future release."',
    );
  });
});

describe('watches', () => {
  it('start with what exists, then tell what happens', async () => {
    const path = await place('watched', ['a']);
    const watching = api.watch(`${path}?watch=true`, (events) => events.length === 4);
    await api.ask('POST', path, { body: vmManifest('b') });
    await touch(`${path}/a`, { x: 'y' });
    await api.ask('DELETE', `${path}/b`);
    const events = await watching;
    expect(events[0]).toMatchObject({
      type: 'ADDED',
      object: { kind: 'VirtualMachine', metadata: { name: 'a' } },
    });
    expect(new Set(brief(events))).toEqual(new Set(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']));
    expect(Number(events.at(-1)?.object.metadata.resourceVersion)).toBe(api.cluster.revision);
  });

  it('resume from a version, and say when it is too old', async () => {
    const path = await place('resumed', ['a']);
    const { resourceVersion } = (await api.ask('GET', path)).body.metadata;
    await touch(`${path}/a`, { x: '1' });
    await touch(`${path}/a`, { x: '2' });
    const resume = `${path}?watch=true&resourceVersion=${resourceVersion}`;
    expect(brief(await api.watch(resume, (events) => events.length === 2))).toEqual([
      'MODIFIED a',
      'MODIFIED a',
    ]);
    for (let round = 0; round < 60; round += 1) await touch(`${path}/a`, { round: String(round) });
    const [event] = await api.watch(resume, (events) => events.length === 1);
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(event?.object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
  });

  it('see objects enter and leave a selection', async () => {
    const path = await place('selected', ['a']);
    const watching = api.watch(`${path}?watch=true&labelSelector=on`, (events) => events.length === 2);
    await touch(`${path}/a`, { on: '1' });
    await touch(`${path}/a`, { on: null });
    const events = await watching;
    expect(brief(events)).toEqual(['ADDED a', 'DELETED a']);
    expect(events[1]?.object.metadata.labels).toMatchObject({ on: '1' });
  });

  it('end in time, with a bookmark before', async () => {
    const path = await place('timed');
    const events = await api.watch(
      `${path}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`,
      () => false,
    );
    expect(events).toEqual([
      {
        type: 'BOOKMARK',
        object: {
          kind: 'VirtualMachine',
          apiVersion: 'kubevirt.io/v1',
          metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
        },
      },
    ]);
  });

  it('stream a list first when asked', async () => {
    const path = await place('streamed', ['a', 'b']);
    const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true';
    const refused = await api.ask('GET', `${path}?${query}`);
    expect(refused.status).toBe(422);
    const events = await api.watch(
      `${path}?${query}&resourceVersionMatch=NotOlderThan`,
      (seen) => seen.length === 3,
    );
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    expect(events[2]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('send columns of a table once', async () => {
    const path = await place('table-watch', ['a', 'b']);
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const events = await api.watch(`${path}?watch=true`, (seen) => seen.length === 2, {
      headers: { accept },
    });
    expect(events.map(({ object }) => object.columnDefinitions?.length ?? 0)).toEqual([4, 0]);
  });
});
