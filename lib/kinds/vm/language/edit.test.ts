import { describe, expect, test } from 'vitest';
import type { VmDimension } from '../dimensions';
import {
  dimensionTerm,
  hasTerm,
  saysOf,
  toggleTerm,
  withoutDimension,
  withoutTerm,
  withoutUnfinished,
  withTerm,
} from './edit';

describe('withTerm', () => {
  test.each([
    ['', 'status:error', 'status:error'],
    ['web', 'status:error', 'web status:error'],
    ['status:running', 'status:paused', 'status:running,paused'],
    ['state:Running', 'status:running', 'state:Running'],
    ['-os:a', 'os:b', '-os:a os:b'],
    ['-os:a', '-os:b', '-os:a,b'],
    ['cpu>4', 'cpu<8', 'cpu>4 cpu<8'],
    ['cpu>4', 'cpu>8', 'cpu>4 cpu>8'],
    ['label:tier=web', 'label:tier=db', 'label:tier=web,tier=db'],
    ['label:tier=web', 'label:app=shop', 'label:tier=web label:app=shop'],
    ['label:tier', 'label:app', 'label:tier,app'],
    ['web', 'db', 'web db'],
    ['web', 'WEB', 'web'],
    ['os="a b"', 'os="c d"', 'os="a b","c d"'],
    ['  node:x   web ', 'node:y', 'node:x,y   web'],
  ])('%s + %s = %s', (text, term, expected) => {
    expect(withTerm(text, term)).toBe(expected);
    expect(hasTerm(expected, term)).toBe(true);
  });
});

describe('withoutTerm', () => {
  test.each([
    ['status:running,paused web', 'status:paused', 'status:running web'],
    ['web status:running db', 'status:running', 'web db'],
    ['web status:running', 'status:stopped', 'web status:running'],
    ['label:tier=web,db', 'label:tier=web', 'label:tier=db'],
    ['web db', 'web', 'db'],
    ['"red hat" x', '"red hat"', 'x'],
    ['-os:a os:a', 'os:a', '-os:a'],
    ['os:a os:b os:a', 'os:a', 'os:b'],
  ])('%s − %s = %s', (text, term, expected) => {
    expect(withoutTerm(text, term)).toBe(expected);
    expect(hasTerm(expected, term)).toBe(false);
  });
});

test('toggling twice gives the text back', () => {
  for (const text of ['', 'web', 'status:running', '-os:windows cpu>4'])
    for (const term of ['status:paused', 'os="a b"', 'label:tier=web', 'foo'])
      expect(toggleTerm(toggleTerm(text, term), term)).toBe(text);
});

test('a wildcard is not the same as its letters', () => {
  expect(hasTerm('name:web*', 'name:"web*"')).toBe(false);
  expect(hasTerm('name:"web"', 'name:web')).toBe(true);
});

describe('dimensions', () => {
  test.each([
    ['namespace', 'dev', 'namespace:dev'],
    ['node', '', 'node:none'],
    ['node', 'none', 'node:"none"'],
    ['status', 'Running', 'status:Running'],
    ['tone', 'danger', 'status:danger'],
    ['os', 'Fedora Linux 42', 'os="Fedora Linux 42"'],
    ['folder', 'prod/web', 'folder=prod/web'],
    ['network', 'infra/vlan12', 'network=infra/vlan12'],
    ['labelKey', 'tier', 'label:tier'],
    ['labelKey', '', '-label:*'],
    ['label:tier', 'web', 'label:tier=web'],
    ['label:tier', '', 'label:tier='],
  ] as [VmDimension, string, string][])('%s %s is %s', (dimension, value, term) => {
    expect(dimensionTerm(dimension, value)).toBe(term);
    expect(hasTerm(withTerm('web', term), term)).toBe(true);
  });

  test('are left out one at a time', () => {
    const text = 'web label:tier=web label:app status:error -os:windows db';
    expect(withoutDimension(text, 'label:tier')).toBe('web label:app status:error -os:windows db');
    expect(withoutDimension(text, 'labelKey')).toBe('web label:tier=web status:error -os:windows db');
    expect(withoutDimension(text, 'status')).toBe('web label:tier=web label:app -os:windows db');
    expect(withoutDimension(text, 'os')).toBe('web label:tier=web label:app status:error db');
    expect(saysOf(text, 'label:tier')).toBe(true);
    expect(saysOf(text, 'label:zone')).toBe(false);
  });
});

test('what is still being typed is not asked yet', () => {
  expect(withoutUnfinished('web status:', 11)).toBe('web');
  expect(withoutUnfinished('web status:', 3)).toBe('web status:');
  expect(withoutUnfinished('cpu>x db', 5)).toBe('db');
  expect(withoutUnfinished('web foo:bar', 11)).toBe('web foo:bar');
  expect(withoutUnfinished('os:"red h', 9)).toBe('os:"red h');
  expect(withoutUnfinished('status:running', 14)).toBe('status:running');
});
