import { expect, test } from 'vitest';
import { shortName } from './short-name';

test('leaves a name that fits as it is', () => {
  expect(shortName('virt-export', 'disk')).toBe('virt-export-disk');
  expect(shortName('virt-export', 'd'.repeat(51))).toHaveLength(63);
});

test('puts a hash in place of what is too long', () => {
  // FNV-1a of "virt-export" in 32 bits.
  expect(shortName('virt-export', 'd'.repeat(52))).toMatch(/^v-[0-9a-f]{8}-d{52}$/);
  const longer = shortName('virt-export', 'd'.repeat(200));
  expect(longer).toMatch(/^virt-export-[0-9a-f]{8}$/);
  expect(shortName('virt-export', 'e'.repeat(200))).not.toBe(longer);
});
