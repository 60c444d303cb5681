import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { KeyRing } from '@/lib/auth/key-ring';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { AuditLog } from '../audit-log';
import { PortlightServer } from '../portlight-server';
import { FakeCluster } from '../testing/fake-cluster';
import { RawClient } from '../testing/raw-client';
import { type Arrived, Entitlements } from './arrivals';
import { type Delivered, deliver, inParallel } from './deliver';
import { type LiveCase, liveCase } from './frames';
import { Identities, makeSecrets } from './identities';
import { Random } from './random';
import { type Case, type Kitchen, nextCase } from './requests';

const SEED = Number(process.env.PORTLIGHT_HOSTILE_SEED ?? 20_261_122);
const STRANGERS = 1_500;
const REQUESTS = 3_500;
const SOCKETS = 80;
const WIDTH = 96;
const LAWFUL_5XX = [502, 503, 504];
/** What a stack trace, a file of ours or Node's own words look like. */
const TRACE = /\n\s+at |node:internal|node_modules|\.ts:\d|\.mjs:\d|TypeError|RangeError|ERR_[A-Z]/;

/** A server's frames, as they stand in the bytes. */
const PONG_OR_CLOSE = ['\x8a\x00', '\x88'];

const secrets = makeSecrets();
const random = new Random(SEED);
const entitlements = new Entitlements();
const arrived: Arrived[] = [];
const printed: string[] = [];
const clusters: Record<string, FakeCluster> = {};
let server: PortlightServer;
let host: string;
let folder: string;
let log: AuditLog;
let kitchen: Kitchen;
let strangers: Kitchen;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hostile-'));
  for (const name of ['fake', 'second']) clusters[name] = await recordingCluster(name);
  for (const kind of ['log', 'warn', 'error', 'info'] as const) {
    vi.spyOn(console, kind).mockImplementation((...words) => printed.push(words.map(String).join(' ')));
  }
  log = new AuditLog(path.join(folder, 'audit.log'));
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [writeKubeconfig()] },
    { signIn: plainMethods(['token']) },
  );
  server = new PortlightServer({
    directory,
    hosts: { names: [], remote: false },
    ring: new KeyRing([secrets.masterKey]),
    auditLog: log,
    pages: { handle: (_, response) => response.end('page') },
    // Short, so that what is left half done does not take long; many connections come from one address here.
    connectionLimits: { headersTimeoutMs: 400, checkEveryMs: 100, minBodyBytesPerSecond: 1_000 },
  });
  host = `127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
  const identities = await Identities.make(secrets);
  kitchen = { random, identities, host };
  const pickStranger = () => identities.pickStranger(random);
  strangers = { random, host, identities: { pick: pickStranger, pickStranger } };
});

afterAll(async () => {
  await server.close(500);
  await log.close();
  for (const cluster of Object.values(clusters)) await cluster.stop();
  rmSync(folder, { recursive: true });
});

/** A cluster that takes note of everything and answers whoever brings a token that is somebody's. */
async function recordingCluster(name: string): Promise<FakeCluster> {
  const fake = await FakeCluster.start();
  const sockets = new WebSocketServer({ noServer: true });
  const isSomebody = (authorization = '') => /^Bearer (dana|vic|own)-/.test(authorization);
  fake.answer = (request, response) => {
    arrived.push({ cluster: name, request });
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (!isSomebody(request.headers.authorization))
      response.writeHead(401).end('{"kind":"Status","code":401}');
    else if (request.url?.includes('watch=') && !request.headers['x-case']) response.flushHeaders();
    else
      response.end('{"kind":"List","metadata":{"resourceVersion":"1"},"items":[],"status":{"allowed":true}}');
  };
  fake.upgrade = (request, socket, head) => {
    arrived.push({ cluster: name, request });
    sockets.handleUpgrade(request, socket, head, (peer) => peer.on('error', () => undefined));
  };
  return fake;
}

function writeKubeconfig(): string {
  const file = path.join(folder, 'kubeconfig');
  const clusterOf = (fake: FakeCluster) =>
    JSON.parse(readFileSync(fake.kubeconfig, 'utf8')).clusters[0].cluster;
  const named = Object.entries(clusters).map(([name, fake]) => ({ name, cluster: clusterOf(fake) }));
  const all = [...named, { name: 'nowhere', cluster: { server: 'https://127.0.0.1:1' } }];
  const user = { name: 'admin', user: { token: secrets.kubeconfig } };
  const contexts = all.map(({ name }) => ({ name, context: { cluster: name, user: 'admin' } }));
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters: all, users: [user], contexts }),
  );
  return file;
}

function make(kind: Kitchen, from: number, count: number): Case[] {
  return Array.from({ length: count }, (_, index) => nextCase(kind, from + index));
}

async function sendAll(cases: Case[]): Promise<Delivered[]> {
  for (const { claims, id } of cases) {
    entitlements.add(claims);
    // A token that somebody tries to sign in with is put to the cluster, as the token that it is.
    for (const cluster of Object.keys(clusters)) entitlements.present(cluster, `guess-${id}`);
  }
  return inParallel(cases, WIDTH, (each) => deliver(host, each));
}

/** Opens a live socket, sends all frames, and waits until the server ends it or has answered all. */
async function sendFrames({ handshake, frames, claim }: LiveCase): Promise<string> {
  entitlements.add([claim]);
  const client = new RawClient(host);
  client.send(handshake);
  await vi.waitFor(() => expect(client.received).toContain('\r\n\r\n'));
  for (const frame of frames) client.send(frame);
  // A ping is answered after everything before it was taken, unless that made the server close the socket.
  client.send('\x89\x80\x00\x00\x00\x00');
  const answered = vi.waitFor(
    () => expect(PONG_OR_CLOSE.some((it) => client.received.includes(it))).toBe(true),
    {
      timeout: 5_000,
    },
  );
  await Promise.race([client.closed, answered]);
  client.end();
  return client.received;
}

function secretIn(text: string): string | undefined {
  const { masterKey, ...tokens } = secrets;
  const forms = [...Object.values(tokens), masterKey.toString('base64'), masterKey.toString('hex')];
  return forms.find((secret) => text.includes(secret) || text.includes(btoa(secret).replace(/=+$/, '')));
}

function expectHarmless(all: Delivered[]): void {
  for (const { case: each, received, end } of all) {
    const where = `${each.kind} ${each.id}, seed ${SEED}: ${JSON.stringify(each.pieces.join('').slice(0, 600))}`;
    expect(end, `no answer to ${where}`).not.toBe('silent');
    const codes = [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, code]) => Number(code));
    const unlawful = codes.find((code) => code >= 500 && !LAWFUL_5XX.includes(code));
    expect(unlawful, `${unlawful} to ${where}`).toBeUndefined();
    expect(TRACE.exec(received)?.[0], `a trace in the answer to ${where}`).toBeUndefined();
    expect(secretIn(received), `a secret in the answer to ${where}`).toBeUndefined();
    const away = /^location: (?!\/(?![/\\]))(.*)$/im.exec(received)?.[1];
    expect(away, `led away by ${where}`).toBeUndefined();
  }
}

function expectEntitled(from: number): void {
  const problems = arrived.slice(from).map((it) => entitlements.problemOf(it));
  expect(problems.filter(Boolean), `seed ${SEED}`).toEqual([]);
}

describe(`hostile clients (seed ${SEED})`, () => {
  let sent = 0;

  it(`reach no cluster while they are nobody: ${STRANGERS} requests`, async () => {
    const delivered = await sendAll(make(strangers, 0, STRANGERS));
    sent += delivered.length;
    expectHarmless(delivered);
    const beyondSignIn = arrived.filter(
      ({ request }) => !/^Bearer guess-/.test(request.headers.authorization ?? ''),
    );
    expect(
      beyondSignIn.map(({ request }) => request.url),
      `seed ${SEED}`,
    ).toEqual([]);
    expectEntitled(0);
  });

  it(`reach it as themselves and nobody else when they are somebody: ${REQUESTS} requests`, async () => {
    const before = arrived.length;
    const delivered = await sendAll(make(kitchen, STRANGERS, REQUESTS));
    sent += delivered.length;
    expectHarmless(delivered);
    expectEntitled(before);
    // Otherwise all of this would prove nothing: many got through, over both ways, as each of the users.
    const tokens = arrived.map(({ request }) => request.headers.authorization ?? '');
    for (const token of [secrets.dana, secrets.vic, secrets.danaElsewhere]) {
      expect(tokens.filter((it) => it === `Bearer ${token}`).length).toBeGreaterThan(3);
    }
    expect(tokens.filter((it) => it.startsWith('Bearer own-')).length).toBeGreaterThan(3);
    expect(arrived.filter(({ request }) => request.headers.upgrade).length).toBeGreaterThan(3);
  });

  it(`get no further over the live socket: ${SOCKETS} sockets`, async () => {
    const before = arrived.length;
    const cases = Array.from({ length: SOCKETS }, (_, index) => liveCase(kitchen, `live${index}`));
    const received = await inParallel(cases, 24, sendFrames);
    sent += cases.reduce((sum, { frames }) => sum + frames.length, 0);
    expect(received.map(secretIn).filter(Boolean)).toEqual([]);
    expect(received.filter((text) => TRACE.test(text))).toEqual([]);
    expectEntitled(before);
    expect(arrived.length).toBeGreaterThan(before);
  });

  it('stop nobody else, leave no trace of a secret in any log, and were at least 5,000', async () => {
    expect(sent).toBeGreaterThanOrEqual(5_000);
    const own = { authorization: 'Bearer own-afterwards' };
    expect((await fetch(`http://${host}/healthz`)).status).toBe(200);
    expect((await fetch(`http://${host}/api/k8s/fake/version`, { headers: own })).status).toBe(200);
    expect((await fetch(`http://${host}/`)).status).toBe(200);
    const written = readFileSync(path.join(folder, 'audit.log'), 'utf8');
    for (const line of written.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('event');
    expect(secretIn(written)).toBeUndefined();
    expect(secretIn(printed.join('\n'))).toBeUndefined();
    expect(printed.filter((line) => TRACE.test(line))).toEqual([]);
  });
});
