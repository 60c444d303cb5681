import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { isCall, VM_ACTIONS, type VmAction } from '@/lib/kinds/vm/actions';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { PortlightServer } from '@/server/portlight-server';
import { CookieJar } from '@/server/testing/cookie-jar';
import { PROXY_CASES, type ProxyCase, SOCKET_CASES } from './requests';

const PEOPLE = ['admin', 'dana', 'vic', 'nobody'] as const;
type Person = (typeof PEOPLE)[number];
// dana edits the first and vic looks at it; the second is nobody's but the administrator's.
const NAMESPACES = ['dev', 'closed'];
const SIGN_IN_NEEDED = 'Nobody is signed in to sandbox.';

let sandbox: TestSandbox;
let server: PortlightServer;
let origin: string;
let agent: Agent;
const jars = new Map<Person, CookieJar>();

interface Verdict {
  status: number;
  /** The refusal's text; undefined for what is allowed. */
  message?: string | undefined;
}

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  for (const namespace of NAMESPACES) {
    await sandbox.createNamespace(namespace);
    await sandbox.createVm(testVm('web', 'Halted'), namespace);
    await sandbox.createVm(testVm('running', 'Always'), namespace);
  }
  for (const namespace of NAMESPACES) await sandbox.untilStatus(namespace, 'running', 'Running');
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [sandbox.kubeconfig] },
    { signIn: plainMethods(['token']) },
  );
  server = new PortlightServer({ directory, hosts: { names: [], remote: false } });
  const { port } = await server.listen(0, '127.0.0.1');
  origin = `http://127.0.0.1:${port}`;
  agent = new Agent({ connect: { ca: sandbox.ca } });
  for (const person of PEOPLE) jars.set(person, await signedIn(person));
});
afterAll(async () => {
  await server.close(500);
  await agent.close();
  await sandbox.close();
});

async function signedIn(person: Person): Promise<CookieJar> {
  const jar = new CookieJar();
  if (person === 'nobody') return jar;
  const answer = await jar.fetch(`${origin}/auth/c/sandbox/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token: sandbox.tokens[person] }),
  });
  expect(answer.status).toBe(200);
  return jar;
}

const cookieOf = (person: Person) => jarOf(person).header();

function jarOf(person: Person): CookieJar {
  const jar = jars.get(person);
  if (!jar) throw new Error(`${person} has not come yet`);
  return jar;
}

/** The two ways to the same API: through the console with the session, and past it with the token. */
async function ask(base: string, headers: Record<string, string>, asked: ProxyCase, path: string) {
  const answer = await fetch(base + path, {
    method: asked.method,
    dispatcher: base.startsWith('https') ? agent : new Agent(),
    headers: {
      ...headers,
      ...(asked.body ? { 'content-type': asked.contentType ?? 'application/json' } : {}),
    },
    ...(asked.body ? { body: JSON.stringify(asked.body) } : {}),
  });
  return { status: answer.status, text: await answer.text() };
}

function verdict({ status, text }: { status: number; text: string }): Verdict {
  if (status < 400) return { status };
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return { status, message };
  } catch {
    return { status, message: text.trim() };
  }
}

const throughConsole = async (person: Person, asked: ProxyCase, path: string) =>
  verdict(await ask(`${origin}/api/k8s/sandbox`, { cookie: cookieOf(person), origin }, asked, path));
const directly = async (person: Person, asked: ProxyCase, path: string) =>
  verdict(await ask(sandbox.url, { authorization: `Bearer ${sandbox.tokens[person]}` }, asked, path));

describe.each(PEOPLE)('%s', (person) => {
  it('gets through the proxy what the API gives them, and its words where it does not', async () => {
    const cases = PROXY_CASES.flatMap((asked) =>
      asked.clusterWide
        ? [{ asked, path: asked.path }]
        : NAMESPACES.map((namespace) => ({ asked, path: asked.path.replace('NS', namespace) })),
    );
    const allowed = new Set<number>();
    for (const { asked, path } of cases) {
      const what = `${asked.name} (${asked.method} ${path})`;
      const found = await throughConsole(person, asked, path);
      if (person === 'nobody') expect(found, what).toEqual({ status: 401, message: SIGN_IN_NEEDED });
      else expect(found, what).toEqual(await directly(person, asked, path));
      allowed.add(found.status);
    }
    // A matrix in which everybody may everything, or nothing, has asked nothing.
    if (person === 'dana' || person === 'vic') expect(allowed).toEqual(expect.toSatisfy(hasBoth));
  });

  it('opens the sockets that the API opens to them, and no others', async () => {
    for (const { name, path, protocol } of SOCKET_CASES) {
      for (const namespace of NAMESPACES) {
        const where = path.replace('NS', namespace);
        const ws = (base: string) => base.replace(/^http/, 'ws');
        const found = await shake(`${ws(origin)}/api/k8s/sandbox${where}`, protocol, {
          headers: { cookie: cookieOf(person) },
          origin,
        });
        if (person === 'nobody') expect(found, name).toEqual({ status: 401, message: SIGN_IN_NEEDED });
        else {
          const headers = { authorization: `Bearer ${sandbox.tokens[person]}` };
          const expected = await shake(ws(sandbox.url) + where, protocol, {
            headers,
            origin: sandbox.url,
            ca: sandbox.ca,
          });
          expect(found, `${name} in ${namespace}`).toEqual(expected);
        }
      }
    }
  });

  it('sees in the live socket the rows that they may list, and no others', async () => {
    for (const resource of [RESOURCES.virtualMachines, RESOURCES.pods, RESOURCES.events]) {
      for (const namespace of [...NAMESPACES, undefined]) {
        const within = namespace ? `/namespaces/${namespace}` : '';
        const root = resource.group ? `/apis/${resource.group}/${resource.version}` : '/api/v1';
        const path = `${root}${within}/${resource.plural}`;
        const asked: ProxyCase = { name: 'list', method: 'GET', path };
        const expected =
          person === 'nobody'
            ? { status: 401, message: SIGN_IN_NEEDED }
            : await directly(person, asked, path);
        const subscription = { kind: 'objects', resource, ...(namespace ? { namespace } : {}) };
        expect(await feedOf(person, subscription), `${person} ${path}`).toEqual(expected);
      }
    }
  });

  it('is told of each action beforehand what the API says when it is done', async () => {
    const checks = (VM_ACTIONS as readonly VmAction[]).flatMap((action) =>
      NAMESPACES.map((namespace) => ({ action, namespace })),
    );
    const answer = await jarOf(person).fetch(`${origin}/api/access/sandbox`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({
        checks: checks.map(({ action: { access }, namespace }) => ({
          verb: access.verb,
          group: access.resource.group,
          resource: access.resource.plural,
          ...(access.subresource ? { subresource: access.subresource } : {}),
          namespace,
        })),
      }),
    });
    if (person === 'nobody') {
      expect(answer.status).toBe(401);
      return;
    }
    const { answers } = (await answer.json()) as { answers: { allowed: boolean }[] };
    for (const [index, { action, namespace }] of checks.entries()) {
      expect(answers[index]?.allowed, `${person} ${action.id} in ${namespace}`).toBe(
        await isAllowed(person, action, namespace),
      );
    }
  });

  it('reads of the console’s own state only what concerns them', async () => {
    const { clusters } = (await (await jarOf(person).fetch(`${origin}/auth/session`)).json()) as {
      clusters: { signedIn: boolean; user?: string }[];
    };
    expect(clusters).toMatchObject([
      person === 'nobody' ? { signedIn: false } : { signedIn: true, user: person },
    ]);
    for (const token of Object.values(sandbox.tokens)) expect(JSON.stringify(clusters)).not.toContain(token);
  });
});

const hasBoth = (statuses: Set<number>) => statuses.has(403) && [...statuses].some((status) => status < 300);

/** Does it: to a VM that is not there, so that whoever may is told 404. */
async function isAllowed(person: Person, action: VmAction, namespace: string): Promise<boolean> {
  const ref = { cluster: 'sandbox', namespace, name: 'absent' };
  if (!isCall(action)) {
    const { resource, subresource, verb } = action.access;
    // What is made is nothing that could be: who may make things is told what is wrong with it.
    const makes = verb === 'create';
    const path = resourcePath(resource, namespace, makes ? undefined : 'absent', subresource);
    const asked: ProxyCase = { name: action.id, method: makes ? 'POST' : 'GET', path };
    if (makes) asked.body = { metadata: { name: 'Not A Name' } };
    return (await directly(person, asked, path)).status !== 403;
  }
  // Facts decide about dialogs and waiting, not about the calls of these actions.
  const [first] = action.run(ref, {} as VmFacts, undefined);
  if (!first) throw new Error(`${action.id} makes no call`);
  const asked: ProxyCase = { name: action.id, method: first.method, path: first.path };
  if (first.body !== undefined) asked.body = first.body as object;
  if (first.contentType !== undefined) asked.contentType = first.contentType;
  return (await directly(person, asked, first.path)).status !== 403;
}

/** How a handshake ends. */
function shake(
  url: string,
  protocol: string | undefined,
  options: WebSocket.ClientOptions,
): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol ? [protocol] : [], options);
    socket.on('open', () => {
      socket.terminate();
      resolve({ status: 101 });
    });
    socket.on('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(verdict({ status: response.statusCode ?? 0, text })));
    });
    socket.on('error', reject);
  });
}

/** The first thing that a subscription comes to. */
function feedOf(person: Person, subscription: object): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, {
      headers: { cookie: cookieOf(person) },
      origin,
    });
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'sandbox', subscription })),
    );
    socket.on('message', (text) => {
      const { feed } = JSON.parse(String(text)) as {
        feed?: { state: string; error?: { code: number; message: string } };
      };
      if (!feed || feed.state === 'loading') return;
      socket.terminate();
      resolve(feed.error ? { status: feed.error.code, message: feed.error.message } : { status: 200 });
    });
  });
}
