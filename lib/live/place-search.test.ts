import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientMessage, ServerMessage } from '@/lib/inventory/protocol';
import { makeRow, randomly } from '@/lib/inventory/testing/rows';
import type { VmGroup } from '@/lib/kinds/vm/dimensions';
import { LiveClient, type LiveSocketEvents } from './live-client';
import { placeSearch } from './place-search';

let events: LiveSocketEvents;
let sent: Extract<ClientMessage, { type: 'subscribe' }>[];
let client: LiveClient;

beforeEach(() => {
  sent = [];
  client = new LiveClient({
    open: (given) => {
      events = given;
      return {
        send: (text) => sent.push(JSON.parse(text) as Extract<ClientMessage, { type: 'subscribe' }>),
        close: () => undefined,
      };
    },
  });
});

const say = (message: ServerMessage) => events.message(JSON.stringify(message));
const idOf = (kind: string) => sent.find(({ subscription }) => subscription.kind === kind)?.id ?? '';
const group = (value: string, total: number): VmGroup => ({
  value,
  total,
  tones: {},
  running: 0,
  vcpus: 0,
  memoryBytes: 0,
  diskBytes: 0,
});

describe('placeSearch', () => {
  it('finds nodes, namespaces and volumes where VMs are', () => {
    const search = placeSearch(client, [{ name: 'lab', signedIn: true }], 'Web 1');
    const stop = search.subscribe(() => undefined);
    events.opened();
    const groups = {
      node: { groups: [group('web-node-1', 7), group('db-node-1', 3), group('', 2)], more: 0 },
      namespace: { groups: [group('web', 5), group('web-1', 4)], more: 0 },
    };
    say({ type: 'vm-groups', id: idOf('vm-groups'), all: group('', 12), groups });
    const row = { ...makeRow('shop', randomly(1)), namespace: 'dev', volumes: ['other', 'web-1-root'] };
    say({ type: 'vms', id: idOf('vms'), total: 1, from: 0, rows: [row] });
    expect(search.get()).toEqual([
      { kind: 'node', cluster: 'lab', name: 'web-node-1', total: 7 },
      { kind: 'namespace', cluster: 'lab', name: 'web-1', total: 4 },
      { kind: 'volume', cluster: 'lab', name: 'web-1-root', vm: { namespace: 'dev', name: 'shop' } },
    ]);
    expect(search.get()).toBe(search.get());
    expect(sent.find(({ subscription }) => subscription.kind === 'vms')).toMatchObject({
      subscription: { query: { text: 'volume:web volume:1' } },
    });
    stop();
  });

  it('asks nobody where nobody is signed in, or for nothing', () => {
    expect(placeSearch(client, [{ name: 'lab', signedIn: false }], 'web').get()).toEqual([]);
    expect(placeSearch(client, [{ name: 'lab', signedIn: true }], ' ').get()).toEqual([]);
    expect(sent).toEqual([]);
  });
});
