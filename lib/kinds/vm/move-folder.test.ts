import { describe, expect, it } from 'vitest';
import { bulkAction } from './bulk';
import { MOVE_FOLDER } from './move-folder';
import { vmRow } from './parts';
import { sampleVm } from './sample';

const input = { folder: { from: 'web', to: 'site' } };
const rowIn = (folder: string) => {
  const vm = sampleVm();
  return vmRow({ ...vm, metadata: { ...vm.metadata, labels: { 'portlight.io/folder': folder } } });
};

describe('moving a folder', () => {
  it('is found again by its id, after a reload', () => expect(bulkAction('move-folder')).toBe(MOVE_FOLDER));

  it('leaves what lies elsewhere by now', () => {
    expect(MOVE_FOLDER.unavailable(rowIn('other'), input)?.key).toBe('tree.moveFolder.elsewhere');
    expect(MOVE_FOLDER.unavailable(rowIn('web.blue'), input)).toBeUndefined();
  });

  it('moves what is in it, and in the folders inside', () => {
    const row = rowIn('web.blue');
    const [call] = MOVE_FOLDER.calls(
      { cluster: 'c', namespace: row.namespace, name: row.name },
      row,
      input,
      {},
    );
    expect(call?.body).toContainEqual({
      op: 'add',
      path: '/metadata/labels/portlight.io~1folder',
      value: 'site.blue',
    });
  });

  it('is done when the VM lies there', () => {
    const row = rowIn('web');
    const before = row.facts;
    expect(MOVE_FOLDER.settled?.(before, row, input)).toBeUndefined();
    expect(MOVE_FOLDER.settled?.(before, rowIn('site'), input)).toBe('done');
    expect(MOVE_FOLDER.settled?.(before, undefined, input)).toBe('failed');
  });
});
