import { describe, expect, it } from 'vitest';
import { amountProblem, joinAmount, quantityAt, splitAmount } from './amount';

describe('amounts', () => {
  it.each([
    ['1536Mi', { number: '1536', unit: 'Mi' }],
    ['1.5Gi', { number: '1.5', unit: 'Gi' }],
    ['500m', { number: '500', unit: 'm' }],
    ['2G', { number: '2', unit: 'G' }],
    ['1e3', { number: '1e3', unit: '' }],
    ['4294967296', { number: '4294967296', unit: '' }],
    ['2 GB', { number: '2 GB', unit: '' }],
    ['lots', { number: 'lots', unit: '' }],
    ['', { number: '', unit: '' }],
  ])('takes %s apart and puts it together again', (quantity, amount) => {
    expect(splitAmount(quantity)).toEqual(amount);
    expect(joinAmount(amount)).toBe(quantity);
  });

  it('reads quantities that YAML has made numbers of, and nothing else', () => {
    expect(quantityAt({ cpu: 2 }, ['cpu'])).toBe('2');
    expect(quantityAt({ cpu: { odd: true } }, ['cpu'])).toBe('');
    expect(quantityAt('odd', ['cpu'])).toBe('');
  });

  it('says what is no amount', () => {
    expect(amountProblem('')).toBeUndefined();
    expect(amountProblem('2Gi')).toBeUndefined();
    expect(amountProblem('2 GB')?.key).toBe('compute.problem.notAmount');
    expect(amountProblem('0')?.key).toBe('compute.problem.notPositive');
    expect(amountProblem('-1Gi')?.key).toBe('compute.problem.notPositive');
  });
});
