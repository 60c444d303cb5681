import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { KeyRing } from '@/lib/auth/key-ring';
import { Peers } from './peers';
import { RevocationList } from './revocations';

const open: { peers: Peers; server: Server }[] = [];

/** A replica on a port of its own that knows the given ones. */
async function replica(known: string[], ring: KeyRing, told: string[] = [], askEveryMs = 50) {
  const revocations = new RevocationList();
  const peers = new Peers({
    peers: known,
    ring,
    revocations,
    log: (sentence) => told.push(sentence),
    askEveryMs,
  });
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push(body);
    const answer = await peers.answer(body);
    response.writeHead(answer ? 200 : 403).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ peers, server });
  return { revocations, peers, seen, address: `localhost:${(server.address() as AddressInfo).port}` };
}

afterEach(async () => {
  vi.useRealTimers();
  for (const { peers, server } of open.splice(0)) {
    await peers.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const until = Date.now() + 600_000;
const ticket = (sid: string) => ({
  sid,
  cluster: 'a',
  method: 'oidc',
  user: 'dana',
  createdAt: 1,
  seenAt: 1,
});

it('tells the others at once who signed out, and one that starts later asks', async () => {
  const ring = new KeyRing([randomBytes(32)]);
  const first = await replica([], ring);
  const second = await replica([first.address], ring);
  second.revocations.add({ sid: 'one', until });
  await expect.poll(() => first.revocations.isRevoked(ticket('one'))).toBe(true);
  first.revocations.add({ cluster: 'a', user: 'dana', before: 5, until });
  // The first knows of nobody: the second asks now and then.
  await expect.poll(() => second.revocations.isRevoked(ticket('two'))).toBe(true);
  const third = await replica([first.address], ring);
  await third.peers.ask();
  expect(third.revocations.isRevoked(ticket('one'))).toBe(true);
  expect(third.revocations.list()).toHaveLength(2);
  expect(first.seen.join()).not.toContain('dana');
});

it('believes nobody without the keys, and no recording', async () => {
  const ring = new KeyRing([randomBytes(32)]);
  const told: string[] = [];
  const first = await replica([], ring);
  const stranger = await replica([first.address], new KeyRing([randomBytes(32)]), told);
  stranger.revocations.add({ sid: 'one', until });
  await expect.poll(() => told.join()).toContain('as if it had other session keys');
  expect(first.revocations.list()).toEqual([]);
  const old = await ring.seal('peer', {
    revocations: [{ sid: 'one', until }],
    asks: false,
    at: Date.now() - 300_000,
  });
  expect(await first.peers.answer(old)).toBeUndefined();
  const other = await ring.seal('session', {
    revocations: [{ sid: 'one', until }],
    asks: true,
    at: Date.now(),
  });
  expect(await first.peers.answer(other)).toBeUndefined();
  expect(first.revocations.list()).toEqual([]);
});

it('says once that a replica stays away', async () => {
  const told: string[] = [];
  const alone = await replica(['127.0.0.1:1', 'no-such-name.invalid:80'], new KeyRing(), told, 60_000);
  await alone.peers.ask();
  expect(told).toEqual([]);
  await alone.peers.ask();
  await alone.peers.ask();
  expect(told).toEqual([
    'Replicas that may not know who signed out: http://127.0.0.1:1 does not answer (ECONNREFUSED).',
  ]);
});
