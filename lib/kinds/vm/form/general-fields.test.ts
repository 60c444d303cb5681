import { describe, expect, it } from 'vitest';
import {
  DELETE_PROTECTION,
  DESCRIPTION,
  FOLDER,
  GENERAL_FIELDS,
  GRACE_PERIOD,
  NAME,
  RUN_STRATEGY,
  START_PAUSED,
} from './general-fields';
import { expectFieldsToKeep } from './testing';

describe('general fields', () => {
  it('leave every VM as it is when what was read is written', () => {
    expectFieldsToKeep(GENERAL_FIELDS);
  });

  it('says what names the API takes, and which become ugly', () => {
    expect(NAME.problem?.('', {})?.key).toBe('compute.name.missing');
    expect(NAME.problem?.('My_VM', {})?.key).toBe('compute.name.letters');
    expect(NAME.problem?.('a'.repeat(254), {})?.key).toBe('compute.problem.long');
    expect(NAME.problem?.('web.blue', {})).toBeUndefined();
    expect(NAME.warning?.('web.blue', {})?.key).toBe('compute.name.odd');
    expect(NAME.warning?.('a'.repeat(64), {})?.key).toBe('compute.name.odd');
    expect(NAME.warning?.('web-1', {})).toBeUndefined();
  });

  it('keeps the older way to say whether a VM runs for as long as it can say it', () => {
    const older = { spec: { running: true } };
    expect(RUN_STRATEGY.read(older)).toBe('Always');
    expect(RUN_STRATEGY.write(older, 'Halted')).toEqual({ spec: { running: false } });
    expect(RUN_STRATEGY.write(older, 'Manual')).toEqual({ spec: { runStrategy: 'Manual' } });
    const both = { spec: { running: true, runStrategy: 'Halted' } };
    expect(RUN_STRATEGY.problem?.('Halted', both)?.key).toBe('compute.run.both');
    expect(RUN_STRATEGY.write(both, 'Always')).toEqual({ spec: { runStrategy: 'Always' } });
  });

  it('writes the description where one is already', () => {
    const theirs = { metadata: { annotations: { 'kubevirt.io/description': 'old' } } };
    expect(DESCRIPTION.write(theirs, 'new')).toEqual({
      metadata: { annotations: { 'kubevirt.io/description': 'new' } },
    });
    expect(DESCRIPTION.write({}, 'new')).toEqual({ metadata: { annotations: { description: 'new' } } });
    expect(DESCRIPTION.write({ metadata: { annotations: { description: 'x' } } }, '')).toEqual({});
  });

  it('moves between folders, and out of those of another console too', () => {
    const theirs = { metadata: { labels: { 'vm.openshift.io/folder': 'web', app: 'shop' } } };
    expect(FOLDER.read(theirs)).toBe('web');
    expect(FOLDER.write(theirs, '')).toEqual({ metadata: { labels: { app: 'shop' } } });
    expect(FOLDER.write({}, 'web/blue')).toEqual({
      metadata: { labels: { 'portlight.io/folder': 'web.blue' } },
    });
    expect(FOLDER.problem?.('a b', {})?.key).toBe('tree.problem.folder');
  });

  it('removes what is off', () => {
    const paused = START_PAUSED.write({ spec: { runStrategy: 'Always' } }, true);
    expect(paused).toMatchObject({ spec: { template: { spec: { startStrategy: 'Paused' } } } });
    expect(START_PAUSED.write(paused, false)).toEqual({ spec: { runStrategy: 'Always' } });
    const kept = DELETE_PROTECTION.write({}, true);
    expect(DELETE_PROTECTION.read(kept)).toBe(true);
    expect(DELETE_PROTECTION.write(kept, false)).toEqual({});
  });

  it('wants whole seconds', () => {
    expect(GRACE_PERIOD.problem?.(1.5, {})?.key).toBe('compute.problem.notWhole');
    expect(GRACE_PERIOD.problem?.(0, {})).toBeUndefined();
  });
});
