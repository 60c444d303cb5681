import { request as httpRequest } from 'node:http';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { freePort } from '../support/launch';
import { ProviderConsole } from './provider-console';
import { PROXY_CASES, type ProxyCase, SOCKET_CASES } from './requests';

/** The proxy runs here; the rest of the world, which may reach the port as well, is ELSEWHERE. */
const PROXY = '127.0.0.1';
const ELSEWHERE = '127.0.0.2';
const NAMESPACES = ['dev', 'closed'];
const WHOAMI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const SECRETS = '/api/v1/namespaces/closed/secrets';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ACCOUNT = 'system:serviceaccount:consoles:portlight';

let sandbox: TestSandbox;
let console: ProviderConsole;
let direct: Agent;

interface Verdict {
  status: number;
  /** The refusal's text; undefined for what is allowed. */
  message?: string | undefined;
}

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  for (const namespace of [...NAMESPACES, 'consoles']) await sandbox.createNamespace(namespace);
  for (const namespace of NAMESPACES) {
    await sandbox.createVm(testVm('web', 'Halted'), namespace);
    await sandbox.createVm(testVm('running', 'Always'), namespace);
  }
  for (const namespace of NAMESPACES) await sandbox.untilStatus(namespace, 'running', 'Running');
  await sandbox.ask('POST', '/api/v1/namespaces/consoles/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'portlight' },
  });
  const rule = (group: string, resource: string, names: string[]) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: ['impersonate'],
    ...(names.length > 0 ? { resourceNames: names } : {}),
  });
  await grant('ClusterRole', {
    metadata: { name: 'portlight-impersonator' },
    rules: [
      rule('', 'users', ['dana', 'vic', 'zoë']),
      rule('', 'groups', ['auditors', 'a b, c']),
      rule('authentication.k8s.io', 'uids', []),
      rule('authentication.k8s.io', 'userextras/example.org/floor%', ['3']),
    ],
  });
  const roleRef = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
  await grant('ClusterRoleBinding', {
    metadata: { name: 'portlight-impersonator' },
    roleRef: roleRef('portlight-impersonator'),
    subjects: [{ kind: 'ServiceAccount', name: 'portlight', namespace: 'consoles' }],
  });
  // Something of its own, so that a fall-back to its rights would show.
  await grant('ClusterRoleBinding', {
    metadata: { name: 'portlight-itself' },
    roleRef: roleRef('view'),
    subjects: [{ kind: 'ServiceAccount', name: 'portlight', namespace: 'consoles' }],
  });
  await grant('ClusterRoleBinding', {
    metadata: { name: 'auditors' },
    roleRef: roleRef('view'),
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'auditors' }],
  });
  const issued = await sandbox.ask('POST', '/api/v1/namespaces/consoles/serviceaccounts/portlight/token', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  console = await ProviderConsole.start(
    await freePort(),
    [
      {
        name: 'sandbox',
        server: sandbox.url,
        caData: sandbox.ca,
        impersonation: { tokenFile: 'token' },
        signIn: [
          {
            kind: 'proxy',
            trusted: [`${PROXY}/32`],
            userHeader: 'X-User',
            uidHeader: 'X-Uid',
            groupsHeader: 'X-Groups',
            extraHeaderPrefix: 'X-Extra-',
          },
        ],
      },
    ],
    { token: `${issued.body.status.token}\n` },
  );
  direct = new Agent({ connect: { ca: sandbox.ca } });
});
afterAll(async () => {
  await console.stop();
  await direct.close();
  await sandbox.close();
});

async function grant(kind: 'ClusterRole' | 'ClusterRoleBinding', body: object): Promise<void> {
  const where = kind === 'ClusterRole' ? 'clusterroles' : 'clusterrolebindings';
  const answer = await sandbox.ask('POST', `${RBAC}/${where}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    ...body,
  });
  expect(answer.status, answer.text).toBe(201);
}

interface Through {
  /** Names and values in turn, written as they stand. */
  headers: string[];
  from?: string;
  method?: string;
  body?: object | undefined;
  contentType?: string | undefined;
}

/** Through the console, as the proxy or somebody else. */
function through(path: string, { headers, from = PROXY, method = 'GET', body, contentType }: Through) {
  const { port } = new URL(console.origin);
  const sent = [...headers, 'Host', `127.0.0.1:${port}`];
  if (body) sent.push('Content-Type', contentType ?? 'application/json', 'Transfer-Encoding', 'chunked');
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers: sent, localAddress: from, agent: false },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

/** Past the console, with the person's own token. */
async function directly(person: string, { method, body, contentType }: ProxyCase, path: string) {
  const answer = await fetch(sandbox.url + path, {
    method,
    dispatcher: direct,
    headers: {
      authorization: `Bearer ${sandbox.tokens[person]}`,
      ...(body ? { 'content-type': contentType ?? 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return verdict({ status: answer.status, text: await answer.text() });
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

async function whoAmI(headers: string[], rest: Partial<Through> = {}) {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { status, text } = await through(`/api/k8s/sandbox${WHOAMI}`, {
    headers,
    method: 'POST',
    body,
    ...rest,
  });
  const { status: said, message } = JSON.parse(text) as { status?: { userInfo?: object }; message?: string };
  return { status, user: said?.userInfo, message };
}

function shake(url: string, protocol: string | undefined, options: WebSocket.ClientOptions) {
  return new Promise<Verdict>((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), protocol ? protocol.split(' ') : [], options);
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

describe.each(['dana', 'vic'])('%s, for whom the service account acts', (person) => {
  it('may exactly what they may with their own token, and is named in every refusal', async () => {
    const verdicts: Verdict[] = [];
    for (const asked of PROXY_CASES) {
      for (const namespace of asked.clusterWide ? ['dev'] : NAMESPACES) {
        const path = asked.path.replace('NS', namespace);
        const { method, body, contentType } = asked;
        const answer = await through(`/api/k8s/sandbox${path}`, {
          headers: ['X-User', person],
          method,
          body,
          contentType,
        });
        const found = verdict(answer);
        expect(found, `${asked.name} (${method} ${path})`).toEqual(await directly(person, asked, path));
        verdicts.push(found);
      }
    }
    expect(verdicts.some(({ status }) => status < 300)).toBe(true);
    const refusals = verdicts.filter(({ status }) => status === 403);
    expect(refusals.length).toBeGreaterThan(10);
    for (const { message } of refusals) expect(message).not.toContain(ACCOUNT);
    expect(refusals.some(({ message }) => message?.includes(`User "${person}" cannot`))).toBe(true);
  });

  it('opens exactly the sockets that they may open with their own token', async () => {
    for (const { name, path, protocol } of SOCKET_CASES) {
      for (const namespace of NAMESPACES) {
        const where = path.replace('NS', namespace);
        const found = await shake(`${console.origin}/api/k8s/sandbox${where}`, protocol, {
          headers: { 'x-user': person },
          origin: console.origin,
        });
        const expected = await shake(sandbox.url + where, protocol, {
          headers: { authorization: `Bearer ${sandbox.tokens[person]}` },
          origin: sandbox.url,
          ca: sandbox.ca,
        });
        expect(found, `${name} in ${namespace}`).toEqual(expected);
      }
    }
  });
});

describe('who the cluster takes somebody for', () => {
  it('has the uid, every group and every extra, as the proxy said them', async () => {
    const utf8 = Buffer.from('zoë').toString('latin1');
    const headers = [
      'X-User',
      utf8,
      'X-Uid',
      '7',
      'X-Groups',
      'auditors',
      'X-Extra-Example.org%2Ffloor%25',
      '3',
    ];
    expect(await whoAmI(headers)).toMatchObject({
      status: 201,
      user: {
        username: 'zoë',
        uid: '7',
        groups: ['auditors', 'system:authenticated'],
        extra: { 'example.org/floor%': ['3'] },
      },
    });
  });

  it('has rights by the groups of this request, not by those of another', async () => {
    const list = (...headers: string[]) =>
      through('/api/k8s/sandbox/api/v1/namespaces/closed/pods', { headers: ['X-User', 'dana', ...headers] });
    expect((await list()).status).toBe(403);
    expect((await list('X-Groups', 'auditors')).status).toBe(200);
    expect((await list()).status).toBe(403);
  });

  it('is nobody whom the service account’s role does not name', async () => {
    const admin = await whoAmI(['X-User', 'admin']);
    expect(admin).toMatchObject({
      status: 403,
      message: expect.stringContaining('users "admin" is forbidden'),
    });
    expect(admin.message).toContain(`User "${ACCOUNT}" cannot impersonate`);
    expect((await whoAmI(['X-User', 'dana', 'X-Groups', 'wheel'])).status).toBe(403);
    expect((await whoAmI(['X-User', 'dana', 'X-Extra-Example.org%2Ffloor%25', '4'])).status).toBe(403);
  });

  it('is never one of the cluster’s own', async () => {
    for (const headers of [
      ['X-User', 'system:admin'],
      ['X-User', ACCOUNT],
      ['X-User', 'dana', 'X-Groups', 'auditors, system:masters'],
      ['X-User', 'dana', 'X-Groups', 'auditors', 'X-Groups', 'system:masters'],
    ]) {
      const { status, message } = await whoAmI(headers);
      expect([status, message]).toEqual([403, expect.stringContaining("is the cluster's own")]);
    }
  });
});

describe('a visitor who would like to be more', () => {
  const dana = { username: 'dana', groups: ['system:authenticated'] };
  const attempts: Record<string, () => string[]> = {
    'a header of Kubernetes': () => ['Impersonate-User', 'vic'],
    'odd casing': () => ['iMPERSONATE-uSER', 'vic', 'IMPERSONATE-GROUP', 'auditors'],
    duplicates: () => ['Impersonate-Group', 'auditors', 'Impersonate-Group', 'system:masters'],
    underscores: () => ['Impersonate_User', 'vic', 'Impersonate_Group', 'auditors'],
    'an extra': () => ['Impersonate-Extra-example.org%2Ffloor%25', '3', 'Impersonate-Uid', '0'],
    'a request to drop the console’s own headers': () => [
      'Connection',
      'close, Impersonate-User, Impersonate-Group, Authorization',
    ],
    'a token of somebody else': () => ['Authorization', `Bearer ${sandbox.tokens.admin}`],
    'a front proxy’s headers': () => ['X-Remote-User', 'admin', 'X-Remote-Group', 'system:masters'],
    'a cookie': () => ['Cookie', `Impersonate-User=vic; X-User=vic; token=${sandbox.tokens.admin}`],
    'the names of the proxy’s headers in another spelling': () => ['X_User', 'vic', 'X_Groups', 'auditors'],
  };

  it.each(Object.keys(attempts))('is not by %s', async (name) => {
    const headers = attempts[name]?.() ?? [];
    expect(await whoAmI(['X-User', 'dana', ...headers])).toMatchObject({ status: 201, user: dana });
    expect((await whoAmI(headers)).status, 'without a name').toBe(401);
    const from = ELSEWHERE;
    expect((await whoAmI(['X-User', 'dana', ...headers], { from })).status, 'from elsewhere').toBe(401);
  });

  it('is not by the address', async () => {
    for (const query of [
      '?impersonate-user=vic',
      '?as=vic&as-group=auditors',
      `?access_token=${sandbox.tokens.admin}`,
    ]) {
      const answer = await through(`/api/k8s/sandbox${SECRETS}${query}`, { headers: ['X-User', 'dana'] });
      expect(JSON.parse(answer.text)).toMatchObject({
        code: 403,
        message: expect.stringContaining('User "dana" cannot list'),
      });
      expect((await through(`/api/k8s/sandbox${SECRETS}${query}`, { headers: [] })).status).toBe(401);
    }
  });

  it('is not by an upgrade', async () => {
    const where = `${console.origin}/api/k8s/sandbox${SECRETS}?watch=true`;
    const bearer = Buffer.from(sandbox.tokens.admin ?? '').toString('base64url');
    const smuggled = `base64url.bearer.authorization.k8s.io.${bearer} v5.channel.k8s.io`;
    const attempts: [Record<string, string>, string?][] = [
      [{ 'Impersonate-User': 'vic', 'impersonate-group': 'auditors' }],
      [{ IMPERSONATE_USER: 'vic', authorization: `Bearer ${sandbox.tokens.admin}` }],
      [{}, smuggled],
    ];
    for (const [headers, protocol] of attempts) {
      const options = { headers: { ...headers, 'x-user': 'dana' }, origin: console.origin };
      expect(await shake(where, protocol, options)).toMatchObject({
        status: 403,
        message: expect.stringContaining('User "dana" cannot watch'),
      });
      expect(await shake(where, protocol, { headers, origin: console.origin })).toMatchObject({
        status: 401,
      });
      const elsewhere = { ...options, localAddress: ELSEWHERE };
      expect(await shake(where, protocol, elsewhere)).toMatchObject({ status: 401 });
    }
  });

  it('gets nothing of the service account’s own rights, on any path', async () => {
    const check = { verb: 'list', group: '', resource: 'pods', namespace: 'dev' };
    for (const [path, rest] of [
      ['/api/k8s/sandbox/api/v1/namespaces/dev/pods', {}],
      ['/api/k8s/sandbox/version', {}],
      ['/api/access/sandbox', { method: 'POST', body: { checks: [check] } }],
      ['/auth/c/sandbox/renew', { method: 'POST', body: {} }],
    ] as const) {
      const answer = await through(path, { headers: ['X-Groups', 'auditors'], ...rest });
      expect([path, answer.status, JSON.parse(answer.text).reason]).toEqual([path, 401, 'SignInNeeded']);
    }
    const allowed = await through('/api/access/sandbox', {
      headers: ['X-User', 'dana'],
      method: 'POST',
      body: { checks: [check, { ...check, namespace: 'closed' }] },
    });
    expect(JSON.parse(allowed.text).answers).toMatchObject([{ allowed: true }, { allowed: false }]);
  });
});
