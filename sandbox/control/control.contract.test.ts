import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestSandbox, testVm } from '../testing';

const VMS = '/apis/kubevirt.io/v1/namespaces/lab/virtualmachines';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace('lab');
});
afterAll(() => sandbox.close());
afterEach(async () => {
  await sandbox.steer('DELETE', '/faults');
});

describe('the endpoint', () => {
  test('answers nobody without its token', async () => {
    const { url } = sandbox.control;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  test('says what makes no sense', async () => {
    expect(await sandbox.steer('POST', '/clock', { advanceSeconds: -1 })).toMatchObject({ status: 400 });
    expect(await sandbox.steer('POST', '/faults', { path: '(', status: 500 })).toMatchObject({
      status: 400,
      body: { message: 'path must be a regular expression' },
    });
    expect(await sandbox.steer('POST', '/faults', { path: 'x' })).toMatchObject({ status: 400 });
    expect(await sandbox.steer('POST', '/nodes/nosuch/kill')).toMatchObject({ status: 404 });
    expect(await sandbox.steer('POST', '/nothing')).toMatchObject({ status: 404 });
  });
});

describe('faults', () => {
  test('answer in place of the API, and nothing is carried out', async () => {
    await sandbox.steer('POST', '/faults', {
      path: '/virtualmachines',
      methods: ['POST'],
      status: 500,
      times: 1,
    });
    expect(await sandbox.createVm(testVm('struck', 'Halted'), 'lab')).toMatchObject({
      status: 500,
      body: { kind: 'Status', reason: 'InternalError' },
    });
    expect((await sandbox.vm('lab', 'struck')).status).toBe(404);
    expect((await sandbox.createVm(testVm('struck', 'Halted'), 'lab')).status).toBe(201);
  });

  test('too many requests come with a time to wait', async () => {
    await sandbox.steer('POST', '/faults', {
      path: '^/version',
      status: 429,
      retryAfterSeconds: 7,
      times: 1,
    });
    const refused = await sandbox.ask('GET', '/version');
    expect(refused).toMatchObject({ status: 429, text: 'Too many requests, please try again later.\n' });
    expect(refused.headers?.['retry-after']).toBe('7');
  });

  test('a connection can be cut, an answer delayed', async () => {
    await sandbox.steer('POST', '/faults', { path: '^/version', hangUp: true, times: 1 });
    await expect(sandbox.ask('GET', '/version')).rejects.toThrow();
    const { body } = await sandbox.steer('POST', '/faults', { path: '^/version', delayMs: 30 });
    expect((await sandbox.ask('GET', '/version')).status).toBe(200);
    expect((await sandbox.steer('GET', '/faults')).body).toMatchObject([{ id: body.id, struck: 1 }]);
    expect((await sandbox.steer('DELETE', `/faults/${body.id}`)).status).toBe(200);
  });
});

describe('watches', () => {
  test('are dropped without a word', async () => {
    const dropped = sandbox.watchToTheEnd(VMS);
    await dropped.open;
    expect((await sandbox.steer('POST', '/watches/drop', { resource: 'pods' })).body).toEqual({ dropped: 0 });
    const { body } = await sandbox.steer('POST', '/watches/drop', {
      resource: 'virtualmachines.kubevirt.io',
    });
    expect(body).toEqual({ dropped: 1 });
    await expect(dropped.end).rejects.toThrow();
  });

  test('are told that their version is too old, and an old one is refused from then on', async () => {
    const { body } = await sandbox.ask('GET', VMS);
    const expired = sandbox.watchToTheEnd(VMS);
    await expired.open;
    await sandbox.createVm(testVm('later', 'Halted'), 'lab');
    await sandbox.steer('POST', '/watches/expire');
    expect((await expired.end).at(-1)).toMatchObject({
      type: 'ERROR',
      object: { code: 410, reason: 'Expired' },
    });
    const again = sandbox.watchToTheEnd(`${VMS}?resourceVersion=${body.metadata.resourceVersion}`);
    expect((await again.end).at(-1)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });
});

test('somebody’s tokens expire and are renewed', async () => {
  await sandbox.steer('POST', '/tokens/admin/expire');
  expect((await sandbox.ask('GET', VMS)).status).toBe(401);
  await sandbox.steer('POST', '/tokens/admin/renew');
  expect((await sandbox.ask('GET', VMS)).status).toBe(200);
  expect((await sandbox.steer('POST', '/tokens/nobody/expire')).status).toBe(404);
});

test('putting the clock forward makes what waits happen', async () => {
  const heartbeat = async () =>
    Date.parse(
      (await sandbox.ask('GET', '/api/v1/nodes')).body.items[0].metadata.annotations['kubevirt.io/heartbeat'],
    );
  const before = await heartbeat();
  const { body } = await sandbox.steer('POST', '/clock', { advanceSeconds: 3600 });
  expect(body.aheadSeconds).toBe(3600);
  await sandbox.until(
    () => sandbox.ask('GET', '/api/v1/nodes'),
    ({ body: { items } }) =>
      Date.parse(items[0].metadata.annotations['kubevirt.io/heartbeat']) - before > 3_000_000,
    'the nodes beat an hour later',
  );
});

test('a node that dies takes its guests along and reports nothing until it boots again', async () => {
  await sandbox.createVm(testVm('aboard', 'Always'), 'lab');
  await sandbox.untilStatus('lab', 'aboard', 'Running');
  const { status, metadata } = (await sandbox.vmi('lab', 'aboard')).body;
  expect((await sandbox.steer('POST', `/nodes/${status.nodeName}/kill`)).status).toBe(200);
  await sandbox.deleteVm('lab', 'aboard');
  await sandbox.untilStatus('lab', 'aboard', 'Terminating');
  expect((await sandbox.vmi('lab', 'aboard')).body.metadata.uid).toBe(metadata.uid);
  await sandbox.steer('POST', `/nodes/${status.nodeName}/revive`);
  await sandbox.until(
    () => sandbox.vm('lab', 'aboard'),
    (answer) => answer.status === 404,
    'the VM is gone',
  );
});
