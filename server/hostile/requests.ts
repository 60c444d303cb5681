import type { Identity } from './identities';
import type { Random } from './random';
import { FOREIGN_HEADERS, HOSTILE_HEADERS, hostilePath, METHODS, SMUGGLED } from './vocabulary';

/** One request of a case, and with which token it may reach which cluster. */
export interface Claim {
  id: string;
  /** As it stands in the request line. */
  target: string;
  entitled: Record<string, string>;
}

export interface Case {
  id: string;
  kind: string;
  /** Bytes, one per character, written one after the other. */
  pieces: string[];
  claims: Claim[];
  /** It never becomes a whole request, so the server has to end it. */
  unfinished?: boolean;
}

export interface Kitchen {
  random: Random;
  identities: {
    pick(random: Random, id: string): Identity;
    pickStranger(random: Random): Identity;
  };
  /** Name and port of the server. */
  host: string;
}

const GOOD_PATHS = [
  '/version',
  '/api/v1/namespaces/dev/pods?limit=5',
  '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines/web',
  '/apis/kubevirt.io/v1/virtualmachines?labelSelector=a%2Fb%3Dc',
  '/openapi/v3/',
];
const CLUSTERS = [
  'fake',
  'fake',
  'fake',
  'second',
  'nowhere',
  'other',
  '__proto__',
  'constructor',
  'fake%2fx',
  '',
];
const UPGRADE_PATH = '/apis/subresources.kubevirt.io/v1/namespaces/dev/virtualmachineinstances/web/vnc';

/** The next case; which kind is chance, too. */
export function nextCase(kitchen: Kitchen, number: number): Case {
  const { random } = kitchen;
  const id = `c${number}`;
  const make = random.pick(KINDS);
  const made = make(kitchen, id);
  return { ...made, id, kind: make.name, pieces: made.pieces.flatMap((piece) => random.split(piece)) };
}

type Maker = (kitchen: Kitchen, id: string) => Omit<Case, 'id' | 'kind'>;

interface Parts {
  method?: string;
  target: string;
  identity: Identity;
  headers?: string[];
  body?: string;
  host?: string;
  /** Nobody is entitled to anything here, whoever it is: another site's page asks, or the request is none. */
  void?: boolean;
}

function request(kitchen: Kitchen, id: string, parts: Parts): { text: string; claim: Claim } {
  const { method = 'GET', target, identity, headers = [], body, host = kitchen.host } = parts;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `x-case: ${id}`,
    ...identity.headers,
    ...headers,
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`, 'Content-Type: application/json']),
  ];
  const claim = { id, target, entitled: parts.void ? {} : identity.entitled };
  return { text: `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, claim };
}

function single(kitchen: Kitchen, id: string, parts: Parts): Omit<Case, 'id' | 'kind'> {
  const { text, claim } = request(kitchen, id, {
    ...parts,
    headers: [...(parts.headers ?? []), 'Connection: close'],
  });
  return { pieces: [text], claims: [claim] };
}

const proxied = (random: Random) => `/api/k8s/${random.pick(CLUSTERS)}${random.pick(GOOD_PATHS)}`;

const KINDS: readonly Maker[] = [
  function paths(kitchen, id) {
    const { random, identities } = kitchen;
    const identity = identities.pick(random, id);
    return single(kitchen, id, { target: hostilePath(random, kitchen.host), identity });
  },
  function identitiesOfAllKinds(kitchen, id) {
    const { random, identities } = kitchen;
    const target = proxied(random);
    const isWrite = random.chance(0.3);
    return single(kitchen, id, {
      target,
      identity: identities.pick(random, id),
      ...(isWrite ? { method: random.pick(['POST', 'PUT', 'PATCH']), body: '{"a":1}' } : {}),
    });
  },
  function headers(kitchen, id) {
    const { random, identities } = kitchen;
    const wild = Array.from({ length: 1 + random.int(4) }, () => random.pick(HOSTILE_HEADERS)(random));
    return single(kitchen, id, {
      target: proxied(random),
      identity: identities.pick(random, id),
      headers: wild,
    });
  },
  function otherSites(kitchen, id) {
    const { random, identities } = kitchen;
    const target = random.chance(0.7)
      ? proxied(random)
      : random.pick(['/auth/c/fake/sign-out', '/api/access/fake']);
    const method = random.pick(['POST', 'PUT', 'DELETE', 'PATCH']);
    const headers = [random.pick(FOREIGN_HEADERS)];
    return single(kitchen, id, {
      target,
      method,
      identity: identities.pick(random, id),
      headers,
      void: true,
    });
  },
  function otherHosts(kitchen, id) {
    const { random, identities, host } = kitchen;
    const wrong = [
      'evil.example',
      '',
      'localhost.evil.example',
      `evil.example@${host}`,
      '[::2]',
      'a b',
      `${host},evil`,
    ];
    const identity = identities.pick(random, id);
    return single(kitchen, id, { target: proxied(random), identity, host: random.pick(wrong), void: true });
  },
  function methods(kitchen, id) {
    const { random, identities } = kitchen;
    const target = random.chance(0.5) ? proxied(random) : random.pick(['/', '/c/fake/vms', '*', '/healthz']);
    return single(kitchen, id, {
      method: random.pick(METHODS),
      target,
      identity: identities.pick(random, id),
    });
  },
  function upgrades(kitchen, id) {
    const { random, identities } = kitchen;
    const isForeign = random.chance(0.3);
    const upgrade = random.pick([
      'websocket',
      'websocket',
      'WebSocket',
      'h2c',
      'websocket, h2c',
      'SPDY/3.1',
      'tcp',
      '',
    ]);
    const headers = [
      `Connection: ${random.pick(['Upgrade', 'Upgrade', 'keep-alive, Upgrade', 'Upgrade, Authorization', 'Upgrade, Host'])}`,
      `Upgrade: ${upgrade}`,
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${random.pick([btoa('0123456789abcdef'), 'short', ''])}`,
      `Sec-WebSocket-Protocol: ${random.pick(['plain.kubevirt.io', 'base64url.bearer.authorization.k8s.io.YWRtaW4, a', 'a,,b', 'ä'])}`,
      ...(isForeign ? [random.pick(FOREIGN_HEADERS)] : []),
      ...(random.chance(0.2) ? ['Content-Length: 30'] : []),
    ];
    const target = random.chance(0.2)
      ? hostilePath(random, kitchen.host)
      : random.pick([
          `/api/k8s/fake${UPGRADE_PATH}`,
          `/api/k8s/fake${UPGRADE_PATH}`,
          `/api/k8s/${random.pick(CLUSTERS)}${UPGRADE_PATH}`,
          '/api/live',
          '/c/fake/vms',
          '/_next/webpack-hmr',
        ]);
    const identity = identities.pick(random, id);
    const { text, claim } = request(kitchen, id, {
      target,
      identity,
      headers,
      // With an empty Upgrade it is a plain read, for which a program needs no origin.
      void: isForeign && upgrade !== '',
    });
    return { pieces: [text, random.bytes(random.int(40))], claims: [claim], unfinished: true };
  },
  function signIn(kitchen, id) {
    const { random } = kitchen;
    const target = random.pick([
      '/auth/c/fake/token',
      '/auth/c/second/token',
      '/auth/session',
      '/auth/c/fake/renew',
      '/auth/c/fake/start/token?return=//evil.example/',
      '/auth/callback?code=x&state=y',
      '/auth/c/__proto__/token',
      '/auth/c/%2e%2e/token',
      '/auth/c/fake%00/token',
      '/start?token=guess&return=https://evil.example/',
    ]);
    const body = random.pick([
      `{"token":"guess-${id}"}`,
      `{"token":"guess-${id}\\r\\nImpersonate-User: root"}`,
      `{"token":{"__proto__":{"a":1}}}`,
      '{"__proto__":{"token":"x"}}',
      '[]',
      '{"token":',
      'token=x',
      `{"token":"${'a'.repeat(20_000)}"}`,
      '',
    ]);
    const identity = kitchen.identities.pickStranger(random);
    return single(kitchen, id, { method: random.pick(['POST', 'GET']), target, identity, body, void: true });
  },
  function accessReviews(kitchen, id) {
    const { random, identities } = kitchen;
    const check = {
      verb: 'get',
      group: '',
      resource: 'pods',
      namespace: random.pick(['dev', '../x', 'a'.repeat(300), id]),
    };
    const body = random.pick([
      JSON.stringify({ checks: [check] }),
      JSON.stringify({ checks: Array.from({ length: 600 }, () => check) }),
      JSON.stringify({ checks: [{ ...check, user: 'root', __proto__: null }] }),
      '{"checks":[null]}',
      '{"checks":{"length":1e9}}',
      '[[[[',
    ]);
    const target = `/api/access/${random.pick(CLUSTERS)}`;
    return single(kitchen, id, {
      method: 'POST',
      target,
      identity: identities.pick(random, id),
      body,
    });
  },
  function smuggled(kitchen, id) {
    const { random, identities } = kitchen;
    const identity = identities.pick(random, id);
    const target = `/api/k8s/fake${random.pick(GOOD_PATHS)}`;
    const hidden = `GET /api/k8s/fake/api/v1/secrets HTTP/1.1\r\nHost: ${kitchen.host}\r\nx-case: ${id}-hidden\r\n\r\n`;
    const { headers, body } = random.pick(SMUGGLED)(hidden);
    const { text, claim } = request(kitchen, id, { method: 'POST', target, identity, headers });
    const inner = { id: `${id}-hidden`, target: '/api/k8s/fake/api/v1/secrets', entitled: {} };
    return { pieces: [text + body], claims: [claim, inner], unfinished: true };
  },
  function pipelined(kitchen, id) {
    const { random, identities } = kitchen;
    const made = Array.from({ length: 2 + random.int(4) }, (_, index) =>
      request(kitchen, `${id}-${index}`, {
        target: proxied(random),
        identity: identities.pick(random, `${id}-${index}`),
        ...(random.chance(0.3) ? { method: 'POST', body: '{}' } : {}),
      }),
    );
    return {
      pieces: [made.map(({ text }) => text).join('')],
      claims: made.map(({ claim }) => claim),
      unfinished: true,
    };
  },
  function unfinished(kitchen, id) {
    const { random, identities } = kitchen;
    const identity = identities.pick(random, id);
    const { text, claim } = request(kitchen, id, {
      method: 'POST',
      target: proxied(random),
      identity,
      headers: random.pick([['Content-Length: 5000'], ['Transfer-Encoding: chunked']]),
    });
    const cut = random.chance(0.5)
      ? text.slice(0, random.int(text.length))
      : `${text}${random.pick(['', 'a', '5\r\nab'])}`;
    return { pieces: [cut], claims: [claim], unfinished: true };
  },
  function noise(kitchen, id) {
    const { random, identities } = kitchen;
    const identity = identities.pick(random, id);
    const { text, claim } = request(kitchen, id, { target: proxied(random), identity });
    const line = random.pick([
      random.bytes(200),
      random.mutate('GET / HTTP/1.1'),
      'PRI * HTTP/2.0',
      '\x16\x03\x01\x02\0',
    ]);
    return {
      pieces: [`${line}\r\n${text.slice(text.indexOf('\r\n') + 2)}`],
      claims: [claim],
      unfinished: true,
    };
  },
  function pages(kitchen, id) {
    const { random, identities } = kitchen;
    const target = random.pick([
      '/metrics',
      '/healthz',
      '/readyz',
      '/',
      '/sign-in/fake?return=//evil.example',
      '/c/%00/vms',
      '/c/%zz/vms',
      '/c/__proto__/vms',
      `/c/fake/vms?q=${'%'.repeat(random.int(300))}`,
      '/_next/static/../../package.json',
      '/_next/image?url=http://evil.example/x.png&w=64&q=75',
      '/..%2f..%2fetc/passwd',
      `/${'x'.repeat(random.int(10_000))}`,
    ]);
    return single(kitchen, id, { target, identity: identities.pick(random, id) });
  },
];
