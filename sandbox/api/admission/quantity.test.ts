import { describe, expect, it } from 'vitest';
import {
  canonicalQuantity,
  parseQuantity,
  QUANTITY_FORMAT_ERROR,
  quantityMilli,
  quantityValue,
} from './quantity';

describe('quantities', () => {
  it.each([
    ['128Mi', '128Mi'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['2.5Gi', '2560Mi'],
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['2', '2'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1M', '1M'],
    ['1e3', '1e3'],
    ['12e4', '120e3'],
    ['0', '0'],
    ['0Gi', '0'],
    ['-1Gi', '-1Gi'],
    ['512Ki', '512Ki'],
    ['1Ki', '1Ki'],
    ['0.5Gi', '512Mi'],
    ['.5', '500m'],
    ['100n', '100n'],
  ])('gives %s back as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(['lots', '', 'Gi', '1GB', '1Gib', '1 Gi', '--1', '1.2.3', '0x10'])('refuses %j', (text) => {
    expect(parseQuantity(text)).toEqual({ error: QUANTITY_FORMAT_ERROR });
  });

  it.each(['1Gim', '1mM', '1KK'])('does not know the suffix of %s', (text) => {
    expect(parseQuantity(text)).toEqual({ error: "unable to parse quantity's suffix" });
  });

  it('rounds up to whole units and thousandths', () => {
    expect(quantityValue('1500m')).toBe(2);
    expect(quantityValue('1Gi')).toBe(1024 ** 3);
    expect(quantityValue('-1Gi')).toBe(-(1024 ** 3));
    expect(quantityMilli('0.5')).toBe(500);
    expect(quantityMilli('100u')).toBe(1);
    expect(quantityValue(undefined)).toBe(0);
    expect(quantityValue('lots')).toBe(0);
  });
});
