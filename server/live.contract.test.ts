import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerMessage } from '@/lib/inventory/protocol';
import { serverPerTest } from './testing/harness';

const harness = serverPerTest();

describe('live socket', () => {
  const vm = (name: string, version: string, printableStatus: string) => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      namespace: 'demo',
      uid: `uid-${name}`,
      resourceVersion: version,
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [{ manager: 'x' }],
    },
    spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } },
    status: { printableStatus },
  });

  it('sends rows, then what changes in them', async () => {
    let event: (text: string) => void = () => {};
    harness.fake.answer = (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', harness.fake.url);
      const isVms = pathname.endsWith('/virtualmachines');
      if (searchParams.has('watch')) {
        response.flushHeaders();
        if (isVms) event = (text) => response.write(text);
        return;
      }
      const items = isVms ? [vm('b', '1', 'Running'), vm('a', '2', 'Stopped')] : [];
      response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '5' }, items }));
    };
    const messages: ServerMessage[] = [];
    const socket = new WebSocket(`ws://${harness.host}/api/live`, {
      headers: { origin: `http://${harness.host}` },
    });
    socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage));
    await new Promise((resolve) => socket.on('open', resolve));
    const query = { namespaces: [], text: '', sort: { column: 'name', descending: false } };
    socket.send(
      JSON.stringify({ type: 'subscribe', id: '1', cluster: 'fake', subscription: { kind: 'vms', query } }),
    );
    await vi.waitFor(() =>
      expect(messages.at(-1)).toEqual({ type: 'feed', id: '1', feed: { state: 'live' } }),
    );
    expect(messages.at(-2)).toMatchObject({ type: 'vms', total: 2, rows: [{ name: 'a' }, { name: 'b' }] });
    await vi.waitFor(() =>
      expect(harness.fake.seen.filter((it) => it.url?.includes('watch='))).toHaveLength(2),
    );
    event(`${JSON.stringify({ type: 'MODIFIED', object: vm('a', '6', 'Starting') })}\n`);
    await vi.waitFor(() => expect(messages.at(-1)?.type).toBe('vms-delta'));
    expect(messages.at(-1)).toMatchObject({
      upserts: [{ name: 'a', facts: { printableStatus: 'Starting' } }],
    });
    const viewer = await harness.server.auth.self().viewer('fake');
    const first = await harness.server.inventory.firstVmWindow(viewer, {
      ...query,
      sort: { column: 'name', descending: true },
    });
    expect(first).toMatchObject({ total: 2, feed: { state: 'live' }, rows: [{ name: 'b' }, { name: 'a' }] });
    const closedWith = new Promise((resolve) => socket.on('close', resolve));
    await harness.server.close(500);
    expect(await closedWith).toBe(1001);
  });

  it('says that a cluster does not answer, and when it tries again', async () => {
    const messages: ServerMessage[] = [];
    const socket = new WebSocket(`ws://${harness.host}/api/live`);
    socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage));
    await new Promise((resolve) => socket.on('open', resolve));
    const resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
    const subscription = { kind: 'objects', resource };
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'nowhere', subscription }));
    socket.send(JSON.stringify({ type: 'subscribe', id: '2', cluster: 'other', subscription }));
    await vi.waitFor(() =>
      expect(messages).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: '1', feed: expect.objectContaining({ state: 'paused' }) }),
          expect.objectContaining({ id: '2', feed: expect.objectContaining({ state: 'refused' }) }),
        ]),
      ),
    );
    socket.terminate();
  });

  it('refuses foreign origins and what is not of the protocol', async () => {
    const refused = new WebSocket(`ws://${harness.host}/api/live`, {
      headers: { origin: 'http://evil.example' },
    });
    refused.on('error', () => undefined);
    const status = await new Promise((resolve) =>
      refused.on('unexpected-response', (_, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(403);
    const socket = new WebSocket(`ws://${harness.host}/api/live`);
    await new Promise((resolve) => socket.on('open', resolve));
    socket.send('{"type":"subscribe"}');
    expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(1008);
  });
});
