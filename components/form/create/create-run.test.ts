import { describe, expect, it } from 'vitest';
import type { Found } from '@/lib/k8s/discovery';
import { ApiError } from '@/lib/k8s/error';
import type { ApiReply, ApiRequest, callApi } from '@/lib/k8s/request';
import { planManifests } from '@/lib/manifest/plan';
import { readManifests } from '@/lib/manifest/read';
import { checkAll, createAll, findNamespace, type Mode, type Outcome, stepKey } from './create-run';

const kind = (kindName: string, plural: string, namespaced = true): Found => ({
  found: true,
  resource: { group: '', version: 'v1', plural, kind: kindName, namespaced },
});
const found = new Map<string, Found>([
  ['v1 Namespace', kind('Namespace', 'namespaces', false)],
  ['v1 Secret', kind('Secret', 'secrets')],
]);
const secret = (name: string, namespace = 'there', extra = '') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: ${namespace}}\n${extra}---\n`;
const namespaceManifest = (name: string) =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n---\n`;

/** An API server of names: knows namespaces, says 404 and 409 as Kubernetes does, refuses names with `bad`. */
function server(...existing: string[]) {
  const stored = new Set(['/api/v1/namespaces/there', ...existing]);
  const log: string[] = [];
  const call = (async (
    _cluster: string,
    path: string,
    request: ApiRequest = {},
  ): Promise<ApiReply<unknown>> => {
    const asked = { method: request.method ?? 'GET', path };
    const metadata = (request.body as { metadata?: { name?: string } } | undefined)?.metadata;
    const object = asked.method === 'POST' ? `${path}/${metadata?.name}` : path;
    const fail = (code: number, reason: string) => {
      throw new ApiError(code, reason, `${object} ${reason}`, asked);
    };
    log.push(`${asked.method}${request.query?.dryRun ? ' dry' : ''} ${object.split('/').slice(3).join('/')}`);
    const home = /\/namespaces\/([^/]+)\/.+/.exec(path)?.[1];
    const named = request.query?.fieldSelector?.replace('metadata.name=', '');
    if (named) return { body: { items: stored.has(`${path}/${named}`) ? [{}] : [] }, warnings: [] };
    if (home && !stored.has(`/api/v1/namespaces/${home}`)) fail(404, 'NotFound');
    if (asked.method === 'POST' && stored.has(object)) fail(409, 'AlreadyExists');
    if (asked.method !== 'POST' && !stored.has(object)) fail(404, 'NotFound');
    if (object.includes('bad')) fail(422, 'Invalid');
    if (asked.method !== 'GET' && !request.query?.dryRun) stored.add(object);
    return { body: { metadata }, warnings: ['spec.running is deprecated'] };
  }) as typeof callApi;
  return { call, log, stored };
}

function run(
  content: string,
  api: ReturnType<typeof server>,
  missing: string[] = [],
  modes = new Map<string, Mode>(),
) {
  const { steps } = planManifests(readManifests(content), found, 'there');
  const outcomes = new Map<string, Outcome>();
  const options = {
    ...api,
    cluster: 'c',
    steps,
    outcomes,
    modes,
    missing,
    newNamespaces: missing,
    tell: (key: string, outcome: Outcome) => void outcomes.set(key, outcome),
  };
  const states = () => steps.map((step) => outcomes.get(stepKey(step))?.state);
  return { options, states, steps };
}

describe('checkAll', () => {
  it('asks the server about each and stores nothing', async () => {
    const api = server();
    const { options, states } = run(secret('a') + secret('b'), api);
    expect(await checkAll(options)).toBe(true);
    expect(states()).toEqual(['fine', 'fine']);
    expect(api.log.every((line) => line.startsWith('POST dry'))).toBe(true);
  });

  it('does not pretend to know about what a missing namespace will hold', async () => {
    const { options, states } = run(
      namespaceManifest('n') + secret('a', 'n') + secret('b', 'm') + secret('c'),
      server(),
      ['m'],
    );
    expect(await checkAll(options)).toBe(true);
    expect(states()).toEqual(['fine', 'later', 'later', 'fine']);
  });
});

describe('createAll', () => {
  it('creates the namespace first, then each in order', async () => {
    const api = server();
    const { options, states } = run(secret('a', 'n') + secret('b', 'n'), api, ['n']);
    expect(await createAll(options)).toBe(true);
    expect(states()).toEqual(['created', 'created']);
    expect(api.log).toEqual([
      'POST namespaces/n',
      'POST namespaces/n/secrets/a',
      'POST namespaces/n/secrets/b',
    ]);
  });

  it('creates nothing when a later one would be refused', async () => {
    const api = server();
    const { options, states } = run(secret('a') + secret('bad'), api);
    expect(await createAll(options)).toBe(false);
    expect(states()).toEqual(['fine', 'refused']);
    expect(api.stored.size).toBe(1);
  });

  it('does not repeat what is done', async () => {
    const api = server();
    const { options, states } = run(secret('a', 'n') + secret('bad', 'n'), api, ['n']);
    expect(await createAll(options)).toBe(false);
    expect(states()).toEqual(['created', 'refused']);
    api.log.length = 0;
    await createAll({ ...options, missing: [], newNamespaces: [] });
    expect(api.log).toEqual(['POST dry namespaces/n/secrets/bad']);
  });

  it('tells of what it has made, in order, and not of what it has changed', async () => {
    const api = server('/api/v1/namespaces/there/secrets/a');
    const { options, steps } = run(secret('a') + secret('b', 'n') + secret('bad', 'n'), api, ['n']);
    const modes = new Map(steps.slice(0, 1).map((step) => [stepKey(step), 'apply' as const]));
    const made: string[] = [];
    await createAll({
      ...options,
      modes,
      onMade: ({ resource, name }) => made.push(`${resource.kind} ${name}`),
    });
    expect(made).toEqual(['Namespace n', 'Secret b']);
  });

  it('says what exists, and changes it when asked to', async () => {
    const api = server('/api/v1/namespaces/there/secrets/a');
    const { options, states, steps } = run(secret('a'), api);
    expect(await createAll(options)).toBe(false);
    expect(states()).toEqual(['exists']);
    const modes = new Map(steps.map((step) => [stepKey(step), 'apply' as const]));
    expect(await createAll({ ...options, modes })).toBe(true);
    expect(states()).toEqual(['applied']);
  });

  it('keeps warnings with what was created', async () => {
    const { options, steps } = run(secret('a'), server());
    await createAll(options);
    const outcome = steps[0] && options.outcomes.get(stepKey(steps[0]));
    expect(outcome).toMatchObject({ state: 'created', name: 'a', said: [{ severity: 'warning' }] });
  });

  it('takes a changed document for another', () => {
    const [one] = run(secret('a'), server()).steps;
    const [other] = run(secret('a', 'there', 'data: {b: YQ==}\n'), server()).steps;
    expect(one && other && stepKey(one) !== stepKey(other)).toBe(true);
  });
});

describe('findNamespace', () => {
  it('tells apart what is there, missing and not to be seen', async () => {
    const forbidden = (async () => {
      throw new ApiError(403, 'Forbidden', 'no', { method: 'GET', path: '' });
    }) as typeof callApi;
    expect(await findNamespace('there', { ...server(), cluster: 'c' })).toBe('there');
    expect(await findNamespace('n', { ...server(), cluster: 'c' })).toBe('missing');
    expect(await findNamespace('n', { call: forbidden, cluster: 'c' })).toBe('unknown');
  });
});
