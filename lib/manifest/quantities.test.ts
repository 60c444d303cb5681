import { describe, expect, it } from 'vitest';
import { readManifests } from './read';

const vm = (memory: string) =>
  `apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: a\nspec:\n  template:\n    spec:\n      domain:\n        memory:\n          guest: ${memory}\n        resources:\n          limits:\n            cpu: ${memory}\n`;

describe('amounts', () => {
  it.each(['1Gi', '512Mi', '1.5G', '100m', '2', '"2"', '1e3', '0.5', '128974848', '500n', '+1k'])(
    '%s is one',
    (amount) => {
      expect(readManifests(vm(amount)).problems).toEqual([]);
    },
  );

  it.each(['lots', '2 GB', '2GB', '1gi', '"-"', '1Gib', '.', '[1]'])(
    '%s is none, and its lines are named',
    (amount) => {
      expect(
        readManifests(vm(amount)).problems.map(({ message, range }) => [message.key, range.line]),
      ).toEqual([
        ['yaml.problem.notQuantity', 10],
        ['yaml.problem.notQuantity', 13],
      ]);
    },
  );

  it('leaves alone what other kinds mean by the same words', () => {
    const other =
      'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {memory: {guest: lots}}';
    expect(readManifests(other).problems).toEqual([]);
  });
});
