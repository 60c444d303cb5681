import { expect, test } from 'vitest';
import { Authenticator, readTokenFile } from './authentication';

test('a token file names people as kube-apiserver reads it', async () => {
  const people = readTokenFile('t1,ann\nt2,"ben",7,"ops, devs"\n\n');
  expect(people).toEqual([
    { token: 't1', username: 'ann', groups: [] },
    { token: 't2', username: 'ben', uid: '7', groups: ['ops', 'devs'] },
  ]);
  expect(await new Authenticator({}, people).authenticate({ authorization: 'Bearer t2' })).toEqual({
    username: 'ben',
    uid: '7',
    groups: ['ops', 'devs', 'system:authenticated'],
  });
  expect(() => readTokenFile('t1')).toThrow('line 1');
});
