import { describe, expect, it } from 'vitest';
import type { Say } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { makeRow, randomly } from '@/lib/inventory/testing/rows';
import { placesOf } from '../places';
import { type PaletteContext, paletteGroups } from './entries';

// Keys with their values in place of sentences.
const t: Say = (message, values) =>
  typeof message === 'string' ? [message, ...Object.values(values ?? {})].join(' ') : message.key;
const cluster = (name: string, more: Partial<ClusterInfo> = {}): ClusterInfo => ({
  name,
  server: `https://${name}`,
  insecure: false,
  signedIn: true,
  user: 'dana',
  methods: [{ id: 'token', kind: 'token' }],
  ...more,
});
const context: PaletteContext = {
  cluster: 'lab',
  clusters: [cluster('lab'), cluster('edge', { signedIn: false })],
  pathname: '/c/lab/ns/dev/vms/db',
  offered: undefined,
  recent: [
    { cluster: 'lab', namespace: 'dev', name: 'web', user: 'dana' },
    { cluster: 'lab', namespace: 'dev', name: 'secret', user: 'vic' },
    { cluster: 'edge', namespace: 'dev', name: 'far', user: 'dana' },
  ],
};
const ids = (text: string, more: Partial<PaletteContext> = {}) =>
  paletteGroups({ ...context, ...more }, text, [], t).map((group) => [
    group.id,
    group.entries.map(({ label }) => label),
  ]);

describe('paletteGroups', () => {
  it('shows without words what one opened as oneself, where one is signed in, then pages and clusters', () => {
    expect(ids('')).toEqual([
      ['recent', ['web']],
      ['pages', [...placesOf('lab').map(({ label }) => label), 'yaml.create.title', 'clusters.title']],
      ['clusters', ['search.signInTo edge']],
    ]);
  });

  it('offers the actions of the page, the unusable ones with their reason', () => {
    const offered = {
      target: { cluster: 'lab', namespace: 'dev', name: 'web' },
      items: [
        { id: 'start', label: 'Start', group: 'power', reason: 'It runs.' },
        { id: 'stop', label: 'Stop', group: 'power', onSelect: () => undefined },
        { id: 'pause', label: 'Pause', group: 'guest', busy: true },
      ],
    };
    const [actions] = paletteGroups({ ...context, offered, recent: [] }, '', [], t);
    expect(actions).toMatchObject({
      title: 'search.actionsOf web',
      entries: [
        { label: 'Start', reason: 'It runs.' },
        { label: 'Stop', onSelect: expect.any(Function) },
        { label: 'Pause', reason: 'search.busy' },
      ],
    });
    expect(actions?.entries[1]?.reason).toBeUndefined();
    expect(ids('sto', { offered })[0]).toEqual(['actions', ['Stop']]);
  });

  it('shows what each cluster has, with the way to the rest', () => {
    const rows = [makeRow('web', randomly(1))];
    const hits = [
      { cluster: 'lab', rows, total: 9, state: { kind: 'found' as const } },
      { cluster: 'edge', rows: [], total: 0, state: { kind: 'signedOut' as const } },
    ];
    const [vms] = paletteGroups(context, 'web', hits, t);
    expect(vms).toMatchObject({
      title: 'search.vmsIn lab',
      entries: [
        { label: 'web', href: expect.stringMatching(/^\/c\/lab\/ns\/[abc]\/vms\/web$/) },
        { label: 'search.allIn 9 lab', href: '/c/lab/vms?q=web' },
      ],
    });
  });

  it('has an action first whose name is typed, also before machines that match', () => {
    const target = { cluster: 'lab', namespace: 'dev', name: 'web' };
    const offered = { target, items: [{ id: 'pause', label: 'Pause', group: 'guest', onSelect: () => {} }] };
    const rows = [makeRow('pause-lab', randomly(1))];
    const hits = [{ cluster: 'lab', rows, total: 1, state: { kind: 'found' as const } }];
    const groups = (text: string) =>
      paletteGroups({ ...context, offered }, text, hits, t).map(({ id }) => id);
    expect(groups('pau')).toEqual(['actions', 'vms-lab']);
    expect(groups('aus')).toEqual(['vms-lab', 'actions']);
  });

  it('keeps the kind of page when it leads to another cluster, and to its sign-in where one must', () => {
    const clusters = [cluster('lab'), cluster('edge'), cluster('far', { signedIn: false })];
    const groups = paletteGroups({ ...context, clusters, pathname: '/c/lab/create' }, '', [], t);
    expect(groups.at(-1)?.entries.map(({ href }) => href)).toEqual([
      '/c/edge/create',
      '/sign-in/far?return=%2Fc%2Ffar%2Fcreate',
    ]);
  });

  it('has no pages of a cluster where there is none, and none about clusters where there is but one', () => {
    expect(ids('', { cluster: undefined, clusters: [cluster('lab')], recent: [] })).toEqual([
      ['clusters', ['search.switchTo lab']],
    ]);
  });
});
