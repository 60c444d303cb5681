import { expect, it } from 'vitest';
import type { ApiError } from './errors';
import { checkListOptions } from './list-options';

function refusal(query: string, watching: boolean): string | undefined {
  try {
    checkListOptions(new URLSearchParams(query), watching);
  } catch (error) {
    return (error as ApiError).message.replace('ListOptions.meta.k8s.io "" is invalid: ', '');
  }
  return undefined;
}

it.each([
  [
    'resourceVersionMatch=Exact',
    false,
    'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  ],
  [
    'resourceVersionMatch=Exact&resourceVersion=0',
    false,
    'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  ],
  [
    'resourceVersionMatch=Newest&resourceVersion=1',
    false,
    'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""',
  ],
  ['sendInitialEvents=true', false, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
  [
    'sendInitialEvents=true',
    true,
    'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  ],
  [
    'resourceVersionMatch=NotOlderThan',
    true,
    'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
  ],
])('refuses %s (watching: %s)', (query, watching, why) => {
  expect(refusal(query, watching)).toContain(why);
});

it.each([
  ['', false],
  ['resourceVersion=5&resourceVersionMatch=Exact', false],
  ['resourceVersion=0&resourceVersionMatch=NotOlderThan', false],
  ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan', true],
])('takes %s (watching: %s)', (query, watching) => {
  expect(refusal(query, watching)).toBeUndefined();
});
