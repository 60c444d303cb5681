import { type Duplex, duplexPair } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { QmpClient, QmpError } from './qmp';

/** QEMU's side: greets, and answers each command by `answers` (undefined: never). */
function fakeQemu(answers: Record<string, unknown>): { ours: Duplex; qemu: Duplex; asked: string[] } {
  const [ours, qemu] = duplexPair();
  const asked: string[] = [];
  let buffer = '';
  qemu.on('data', (chunk: Buffer) => {
    buffer += chunk;
    const lines = buffer.split('\n');
    buffer = lines.pop() ?? '';
    for (const line of lines) {
      const { execute, id } = JSON.parse(line);
      asked.push(execute);
      const answer = execute === 'qmp_capabilities' ? { return: {} } : answers[execute];
      if (answer) qemu.write(`${JSON.stringify({ ...answer, id })}\r\n`);
    }
  });
  qemu.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
  return { ours, qemu, asked };
}

it('greets, asks and returns answers', async () => {
  const { ours, asked } = fakeQemu({ 'query-status': { return: { status: 'running' } } });
  const client = await QmpClient.open(ours);
  expect(await client.execute('query-status')).toEqual({ status: 'running' });
  expect(asked).toEqual(['qmp_capabilities', 'query-status']);
});

it("turns QEMU's refusal into an error with its words", async () => {
  const { ours } = fakeQemu({
    cont: { error: { class: 'GenericError', desc: 'Resetting the VM is required' } },
  });
  const client = await QmpClient.open(ours);
  const error = await client.execute('cont').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(QmpError);
  expect(error).toMatchObject({
    message: 'QEMU refuses cont: Resetting the VM is required',
    className: 'GenericError',
  });
});

it('reads events that arrive byte by byte, between answers', async () => {
  const { ours, qemu } = fakeQemu({});
  const client = await QmpClient.open(ours);
  const events = vi.fn();
  client.on('event', events);
  for (const byte of '{"event": "RESET", "data": {"guest": true}, "timestamp": {}}\n') qemu.write(byte);
  await vi.waitFor(() => expect(events).toHaveBeenCalledWith({ event: 'RESET', data: { guest: true } }));
});

it('fails what is under way when the connection ends, and says so for what comes later', async () => {
  const { ours, qemu } = fakeQemu({});
  const client = await QmpClient.open(ours);
  const answer = client.execute('stop');
  answer.catch(() => {});
  qemu.destroy();
  ours.destroy();
  await expect(answer).rejects.toThrow('QEMU ended before it answered stop');
  await expect(client.execute('cont')).rejects.toThrow('QEMU has gone');
});

it('gives up on a command that is not answered', async () => {
  const { ours } = fakeQemu({});
  const client = await QmpClient.open(ours);
  await expect(client.execute('stop', {}, 20)).rejects.toThrow('QEMU did not answer stop within 0.02 s');
});
