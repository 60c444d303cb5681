import { expect, it } from 'vitest';
import { type Operation, runAll } from './operation';

it('runs what must be alone after all others, and keeps the order of the outcomes', async () => {
  const ran: string[] = [];
  let running = 0;
  const operation = (name: string, more: Partial<Operation<null>> = {}): Operation<null> => ({
    name,
    async run() {
      running += 1;
      await new Promise(setImmediate);
      ran.push(more.alone ? `${name} of ${running}` : name);
      running -= 1;
      if (name === 'wrong') throw new Error('why');
    },
    ...more,
  });
  const operations = [
    operation('disturbing', { alone: true }),
    operation('a'),
    operation('wrong'),
    operation('new', { since: 30 }),
  ];
  expect(await runAll(operations, 20, async () => null, 2)).toEqual([
    { name: 'disturbing', state: 'as expected' },
    { name: 'a', state: 'as expected' },
    { name: 'wrong', state: 'failed', reason: 'why' },
    { name: 'new', state: 'unknown to this version' },
  ]);
  expect(ran).toEqual(['a', 'wrong', 'disturbing of 1']);
});
