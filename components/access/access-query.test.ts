import { expect, it } from 'vitest';
import { type AccessQuery, formatAccessQuery, matchesWords, parseAccessQuery } from './access-query';

it('comes back from the address as it went in', () => {
  const query: AccessQuery = {
    namespace: 'dev',
    text: 'start & stop',
    show: 'refused',
    picked: ['start', 'open-vnc'],
    rules: 'kubevirt.io',
  };
  expect(parseAccessQuery(new URLSearchParams(formatAccessQuery(query)))).toEqual(query);
  const plain = parseAccessQuery(new URLSearchParams('show=everything'));
  expect(formatAccessQuery(plain)).toBe('');
});

it('finds words in any order and case', () => {
  expect(matchesWords('VMS update', ['update', 'vms/start'])).toBe(true);
  expect(matchesWords('update pods', ['update', 'vms'])).toBe(false);
  expect(matchesWords('  ', [])).toBe(true);
});
