import { describe, expect, it } from 'vitest';
import { checkOf, refusalOf } from '@/lib/kinds/abilities';
import { text } from '@/lib/text';
import { BULK_ACTIONS, bulkAction, planBulk, wordToType } from './bulk';
import { folderChange } from './labels';
import { vmRow } from './parts';
import type { VmRow } from './row';
import { sampleVm, sampleVmi } from './sample';

const off = (name: string, namespace = 'shop'): VmRow => ({
  ...vmRow(sampleVm({ runStrategy: 'Halted' }, { printableStatus: 'Stopped' }, name)),
  namespace,
});
const on = (name: string, namespace = 'shop'): VmRow => ({
  ...vmRow(sampleVm({}, { printableStatus: 'Running' }, name), sampleVmi()),
  namespace,
});
const action = (id: string) => {
  const found = bulkAction(id);
  if (!found) throw new Error(id);
  return found;
};
const free = () => undefined;

describe('planBulk', () => {
  it('sorts those that cannot be done by reason, the largest group first', () => {
    const rows = [on('a'), off('b'), off('c'), on('d'), off('e')];
    const plan = planBulk(action('stop'), rows, {}, free);
    expect(plan.runnable.map(({ name }) => name)).toEqual(['a', 'd']);
    expect(plan.skipped).toEqual([{ reason: text('vm.reason.stopped'), rows: [rows[1], rows[2], rows[4]] }]);
    const start = planBulk(action('start'), rows, {}, free);
    expect(start.runnable).toHaveLength(3);
    expect(start.skipped[0]).toMatchObject({ reason: { key: 'vm.reason.running' } });
  });

  it('leaves out whole namespaces where a right is missing, and asks for each namespace once', () => {
    const asked: string[] = [];
    const refusal = refusalOf(checkOf(action('stop').access, 'closed'));
    const plan = planBulk(
      action('stop'),
      [on('a'), on('b', 'closed'), off('c', 'closed')],
      {},
      (namespace) => {
        asked.push(namespace);
        return namespace === 'closed' ? { reason: text('bulk.reason.gone'), refusal } : undefined;
      },
    );
    expect(asked).toEqual(['shop', 'closed']);
    expect(plan.runnable.map(({ name }) => name)).toEqual(['a']);
    expect(plan.skipped).toMatchObject([{ refusal, rows: [{ name: 'b' }, { name: 'c' }] }]);
  });
});

describe('BULK_ACTIONS', () => {
  it('are the actions of one VM but for those that open pages', () => {
    const ids = BULK_ACTIONS.map(({ id }) => id);
    expect(ids.slice(0, 9)).toEqual([
      'start',
      'stop',
      'force-stop',
      'restart',
      'pause',
      'unpause',
      'soft-reboot',
      'reset',
      'delete',
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('change labels by a patch of what is not so already, and see it in the row', () => {
    const change = folderChange('shop/web');
    const row = off('a');
    const move = action('move-to-folder');
    expect(move.unavailable(row, {})).toBeUndefined();
    const ref = { cluster: 'c', namespace: 'shop', name: 'a' };
    expect(move.calls(ref, row, { change }, {})).toMatchObject([
      {
        method: 'PATCH',
        body: { metadata: { uid: row.uid, labels: { 'portlight.io/folder': 'shop.web' } } },
      },
    ]);
    const moved = { ...row, labels: { 'portlight.io/folder': 'shop.web' } };
    expect(move.settled?.(row.facts, row, { change })).toBeUndefined();
    expect(move.settled?.(row.facts, moved, { change })).toBe('done');
    expect(planBulk(move, [row, moved], { change }, free)).toMatchObject({
      runnable: [row],
      skipped: [{ reason: text('bulk.reason.already'), rows: [moved] }],
    });
  });

  it('deletes with the disks to keep that were looked up for each VM', () => {
    const row = off('a');
    const ref = { cluster: 'c', namespace: 'shop', name: 'a' };
    const calls = action('delete').calls(
      ref,
      row,
      { keepDisks: true },
      { deletion: { keep: [], hasTemplates: true } },
    );
    expect(calls).toMatchObject([{ method: 'DELETE', body: { preconditions: { uid: row.uid } } }]);
  });
});

describe('wordToType', () => {
  it('asks for the name of one or the number of many, where it is lost or where they are many', () => {
    const many = Array.from({ length: 21 }, (_, index) => off(`vm-${index}`));
    expect(wordToType(action('start'), many.slice(0, 20))).toBeUndefined();
    expect(wordToType(action('start'), many)).toBe('21');
    expect(wordToType(action('delete'), many.slice(0, 3))).toBe('3');
    expect(wordToType(action('delete'), [off('web')])).toBe('web');
    expect(wordToType(action('delete'), [])).toBeUndefined();
  });
});
