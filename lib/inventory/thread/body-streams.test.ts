import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { settle } from '../testing/fake-api';
import { BodyReceiver, BodySender } from './body-streams';

const MIB = 1024 * 1024;

function pair() {
  const sender: BodySender = new BodySender(1, (message) => {
    if (message.type === 'chunk') receiver.take(message.bytes);
    if (message.type === 'end') receiver.end(message.error);
  });
  const receiver = new BodyReceiver(1, (message) => {
    if (message.type === 'credit') sender.addCredit(message.bytes);
  });
  return { sender, receiver };
}

async function* source(chunks: Uint8Array[], taken: { count: number }): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    taken.count += 1;
    yield chunk;
  }
}

describe('a body between threads', () => {
  it('arrives as it was, from chunks that share a buffer', async () => {
    const { sender, receiver } = pair();
    const whole = Buffer.from('abcdefghij');
    void sender.send(
      source([whole.subarray(0, 3), whole.subarray(3, 4), whole.subarray(4)], { count: 0 }),
      '/',
    );
    let text = '';
    for await (const chunk of receiver.body()) text += new TextDecoder().decode(chunk);
    expect(text).toBe('abcdefghij');
    expect(whole.toString()).toBe('abcdefghij');
  });

  it('waits while nobody reads', async () => {
    const { sender, receiver } = pair();
    const taken = { count: 0 };
    const chunks = Array.from({ length: 20 }, () => new Uint8Array(MIB / 2));
    void sender.send(source(chunks, taken), '/');
    await settle();
    expect(taken.count).toBe(2);
    let bytes = 0;
    for await (const chunk of receiver.body()) bytes += chunk.length;
    expect(bytes).toBe(10 * MIB);
  });

  it('stops when nobody wants it any more', async () => {
    const { sender } = pair();
    const taken = { count: 0 };
    const sent = sender.send(
      source(
        Array.from({ length: 20 }, () => new Uint8Array(MIB)),
        taken,
      ),
      '/',
    );
    await settle();
    sender.cancel();
    await sent;
    expect(taken.count).toBe(1);
  });

  it('ends with the error that it broke off with', async () => {
    const { sender, receiver } = pair();
    const request = { method: 'GET', path: '/' };
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new ApiError(502, 'Unreachable', 'The connection broke.', request);
    }
    void sender.send(broken(), '/');
    const read = async () => {
      for await (const _ of receiver.body());
    };
    await expect(read()).rejects.toMatchObject({ code: 502, message: 'The connection broke.' });
  });
});
