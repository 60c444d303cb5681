import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Sessions } from './sessions';

it('drops the sessions of one instance when it moves', async () => {
  const sessions = new Sessions();
  const [vnc, console, other] = [new PassThrough(), new PassThrough(), new PassThrough()];
  sessions.take('a/vnc', vnc);
  sessions.take('a/console', console);
  sessions.take('b/vnc', other);
  sessions.drop('a/');
  expect([vnc.destroyed, console.destroyed, other.destroyed]).toEqual([true, true, false]);
});
