import { describe, expect, it } from 'vitest';
import { DEFAULT_VM_COLUMNS, parseVmColumns } from '@/lib/kinds/vm/columns';
import { formatListSettings, parseListSettings } from './list-settings';

describe('what is remembered of the list', () => {
  it('is as for everybody until somebody chooses', () => {
    const settings = { columns: DEFAULT_VM_COLUMNS, density: 'compact' };
    expect(parseListSettings(undefined)).toEqual(settings);
    expect(parseListSettings('density=huge&cols=%%%,nonsense')).toEqual(settings);
    expect(formatListSettings(parseListSettings(''))).toBe('');
  });

  it('comes back as it was', () => {
    const columns = parseVmColumns('node,name:300,labels') ?? [];
    const settings = { columns, density: 'comfortable' } as const;
    expect(parseListSettings(formatListSettings(settings))).toEqual(settings);
  });
});
