import type { JsonPath } from '@/lib/k8s/json';
import { valueAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import { parseQuantity } from '@/lib/units';

/** A quantity as people see it: what is before the unit, as written, and the unit (`Gi`, `m`, empty for none). */
export interface Amount {
  number: string;
  unit: string;
}

/** Takes a quantity apart: `1536Mi` is `1536` and `Mi`; what is no quantity is a number without a unit. */
export function splitAmount(quantity: string): Amount {
  const trimmed = quantity.trim();
  // `1e3` has no unit: parseQuantity knows it as a number.
  const unit = /[A-Za-z]+$/.exec(trimmed)?.[0] ?? '';
  return parseQuantity(trimmed) === undefined || unit === ''
    ? { number: trimmed, unit: '' }
    : { number: trimmed.slice(0, -unit.length), unit };
}

/** The quantity of a number and a unit; empty when there is no number. */
export function joinAmount({ number, unit }: Amount): string {
  const trimmed = number.trim();
  return trimmed && `${trimmed}${unit}`;
}

/** The quantity at a path as it is written; YAML makes numbers of those without a unit. Empty where there is none. */
export function quantityAt(root: unknown, path: JsonPath): string {
  const value = valueAt(root, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What is wrong with a quantity that is more than nothing, or undefined; an empty one is no problem. */
export function amountProblem(quantity: string): Text | undefined {
  if (quantity === '') return undefined;
  const amount = parseQuantity(quantity);
  if (amount === undefined) return text('compute.problem.notAmount', { amount: quantity.slice(0, 40) });
  return amount > 0 ? undefined : text('compute.problem.notPositive');
}
