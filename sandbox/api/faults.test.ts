import { expect, test } from 'vitest';
import { Faults } from './faults';

const PATH = '/apis/kubevirt.io/v1/virtualmachines?watch=true';

test('nothing goes wrong by itself', async () => {
  expect(await new Faults().strike('GET', PATH)).toBeUndefined();
});

test('a fault strikes what it names, as often as it says', async () => {
  const faults = new Faults();
  faults.add({ path: 'virtualmachines', methods: ['GET'], status: 500, times: 2 });
  expect(await faults.strike('PUT', PATH)).toBeUndefined();
  expect(await faults.strike('GET', '/api/v1/pods')).toBeUndefined();
  expect(await faults.strike('GET', PATH)).toMatchObject({ status: 500, body: { reason: 'InternalError' } });
  expect(faults.active).toMatchObject([{ id: 1, struck: 1 }]);
  expect(await faults.strike('GET', PATH)).toMatchObject({ status: 500 });
  expect(faults.active).toEqual([]);
  expect(await faults.strike('GET', PATH)).toBeUndefined();
});

test('every second request is struck, the others are served', async () => {
  const faults = new Faults();
  faults.add({ hangUp: true, every: 2 });
  const answers = [];
  for (let index = 0; index < 4; index += 1) answers.push(await faults.strike('GET', PATH));
  expect(answers).toEqual([undefined, 'hang up', undefined, 'hang up']);
});

test('429 is what priority and fairness answers: text and Retry-After', async () => {
  const faults = new Faults();
  const { id } = faults.add({ status: 429, retryAfterSeconds: 3 });
  expect(await faults.strike('GET', PATH)).toEqual({
    status: 429,
    body: 'Too many requests, please try again later.\n',
    contentType: 'text/plain; charset=utf-8',
    headers: { 'Retry-After': '3' },
  });
  expect(faults.remove(id)).toBe(true);
  expect(faults.remove(id)).toBe(false);
  expect(await faults.strike('GET', PATH)).toBeUndefined();
});

test('a slow answer is still the answer', async () => {
  const faults = new Faults();
  faults.add({ delayMs: 5 });
  expect(await faults.strike('GET', PATH)).toBeUndefined();
});

test('a path that is no regular expression is refused', () => {
  expect(() => new Faults().add({ path: '(' })).toThrow(SyntaxError);
});
