import { age, entries } from './print-values';
import { type Column, column } from './resource-type';

export const ageColumn: Column = column('Age', ({ metadata }, now) => age(metadata.creationTimestamp, now), {
  type: 'date',
});

/** The lone column of kinds that are never printed with an age. */
export function createdAt(): Column[] {
  return [column('Created At', ({ metadata }) => metadata.creationTimestamp, { type: 'date' })];
}

/** `a=b,c=d`, or `<none>`. */
export function selectorText(selector: unknown): string {
  const pairs = entries(selector).map(([key, value]) => `${key}=${value}`);
  return pairs.join(',') || '<none>';
}
