import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { SCROLL_BACK_BYTES, SerialHub } from './serial-hub';

function collect(stream: Duplex): { text: string } {
  const seen = { text: '' };
  stream.on('data', (chunk: Buffer) => {
    seen.text += chunk.toString();
  });
  return seen;
}

function hubWithLine(history?: string): { hub: SerialHub; guest: Duplex } {
  const [ours, guest] = duplexPair();
  const hub = new SerialHub(history === undefined ? undefined : Buffer.from(history));
  hub.attach(ours);
  return { hub, guest };
}

it('gives every reader what the guest prints, and the guest what any reader types', async () => {
  const { hub, guest } = hubWithLine();
  const [one, two] = [hub.open({ history: false }), hub.open({ history: false })];
  const [first, second, typed] = [collect(one), collect(two), collect(guest)];
  guest.write('login: ');
  await vi.waitFor(() => expect([first.text, second.text]).toEqual(['login: ', 'login: ']));
  one.write('fed');
  two.write('ora\n');
  await vi.waitFor(() => expect(typed.text).toBe('fedora\n'));
});

it('shows a late joiner what was printed before, when asked to', async () => {
  const { hub, guest } = hubWithLine('booted\n');
  const early = collect(hub.open({ history: false }));
  guest.write('login: ');
  await vi.waitFor(() => expect(early.text).toBe('login: '));
  const late = collect(hub.open({ history: true }));
  await vi.waitFor(() => expect(late.text).toBe('booted\nlogin: '));
});

it('keeps the last 64 KiB', async () => {
  const { hub, guest } = hubWithLine();
  const watcher = collect(hub.open({ history: false }));
  for (let line = 0; line < 30; line++) guest.write(`${String(line).padStart(2, '0')}${'.'.repeat(9998)}`);
  await vi.waitFor(() => expect(watcher.text.length).toBe(300_000));
  const late = collect(hub.open({ history: true }));
  await vi.waitFor(() => expect(late.text.length).toBe(SCROLL_BACK_BYTES));
  expect(late.text.endsWith(watcher.text.slice(-20_000))).toBe(true);
});

it('drops a reader that does not read, and keeps the others', async () => {
  const { hub, guest } = hubWithLine();
  const slow = hub.open({ history: false });
  const error = vi.fn();
  slow.on('error', error);
  const quick = collect(hub.open({ history: false }));
  for (let block = 0; block < 20; block++) {
    guest.write(Buffer.alloc(100_000, 'x'));
    await setImmediate();
  }
  await vi.waitFor(() => expect(quick.text.length).toBe(2_000_000));
  expect(slow.destroyed).toBe(true);
  await vi.waitFor(() =>
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining('too slow') }),
    ),
  );
});

it('ends its readers when the machine has gone, and swallows what is typed after', async () => {
  const { hub } = hubWithLine();
  const reader = hub.open({ history: false });
  const ended = vi.fn();
  reader.on('end', ended).resume();
  hub.close();
  await vi.waitFor(() => expect(ended).toHaveBeenCalled());
  expect(() => reader.write('anybody?')).not.toThrow();
});
