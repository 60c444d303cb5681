import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { type AccessAnswer, type AccessCheck, checkKey, checkOfRefusal } from '@/lib/k8s/access';
import { checkCommand, grantCommands, roleFor } from '@/lib/k8s/role';
import { ABILITIES, checkOf } from '@/lib/kinds/abilities';
import type { ActionAccess } from '@/lib/kinds/action';
import { writeManifest } from '@/lib/manifest/write';
import { TestSandbox } from '@/sandbox/testing';
import { PortlightServer } from '@/server/portlight-server';

const run = promisify(execFile);
// dana edits the first and vic looks at it; the second is nobody's but the administrator's.
const NAMESPACES = ['dev', 'closed'];
const CONTEXTS = { admin: 'sandbox', dana: 'sandbox-dana', vic: 'sandbox-vic' } as const;
type Person = keyof typeof CONTEXTS;
const PEOPLE = Object.keys(CONTEXTS) as Person[];
const NEEDS = [
  ...new Map(
    ABILITIES.flatMap(({ needs }) => needs).map((access) => [checkKey(checkOf(access)), access]),
  ).values(),
];

let sandbox: TestSandbox;
let server: PortlightServer;
let origin: string;
let agent: Agent;
let directory: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  for (const namespace of NAMESPACES) await sandbox.createNamespace(namespace);
  const clusters = await ClusterDirectory.open({ kind: 'kubeconfig', files: [sandbox.kubeconfig] });
  server = new PortlightServer({ directory: clusters, hosts: { names: [], remote: false } });
  const { port } = await server.listen(0, '127.0.0.1');
  origin = `http://127.0.0.1:${port}`;
  agent = new Agent({ connect: { ca: sandbox.ca } });
  directory = await mkdtemp(path.join(tmpdir(), 'portlight-access-'));
  const config = parse(await readFile(sandbox.kubeconfig, 'utf8')) as Record<string, unknown>;
  for (const person of PEOPLE) {
    await writeFile(
      path.join(directory, person),
      stringify({ ...config, 'current-context': CONTEXTS[person] }),
    );
  }
});
afterAll(async () => {
  await server.close(500);
  await agent.close();
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

/** What the console says, asked past its memory. */
async function told(person: Person, checks: AccessCheck[]): Promise<AccessAnswer[]> {
  const answer = await fetch(`${origin}/api/access/${CONTEXTS[person]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ checks, fresh: true }),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { answers: AccessAnswer[] }).answers;
}

async function allowed(person: Person, checks: AccessCheck[]): Promise<boolean[]> {
  return (await told(person, checks)).map(({ allowed: isAllowed }) => isAllowed);
}

/** A line as a person copies it into a shell. */
async function shell(person: Person, line: string): Promise<string> {
  const env = { ...process.env, KUBECONFIG: path.join(directory, person), HOME: directory };
  // `can-i` ends with 1 when the answer is no.
  const { stdout } = await run('sh', ['-c', line], { env, cwd: directory }).catch(
    (error: { stdout: string; stderr: string; code: number }) => {
      if (/^no/.test(error.stdout)) return error;
      throw new Error(`${line}: ${error.stderr}`);
    },
  );
  return stdout.trim();
}

describe.each(PEOPLE)('%s', (person) => {
  it('is told of each page and action beforehand what the API says when it is done', async () => {
    const verdicts = new Set<boolean>();
    for (const namespace of [...NAMESPACES, undefined]) {
      const asked = NEEDS.filter(({ resource }) => namespace !== undefined || canSpanNamespaces(resource));
      const answers = await allowed(
        person,
        asked.map((access) => checkOf(access, namespace)),
      );
      for (const [place, access] of asked.entries()) {
        // Subresources and writes have no form over all namespaces that could be tried.
        if (!namespace && !['list', 'watch'].includes(access.verb)) continue;
        const { status, message } = await attempt(person, access, namespace);
        const what = `${person}: ${access.verb} ${access.resource.plural}/${access.subresource} in ${namespace}`;
        expect(answers[place], `${what}: ${status} ${message}`).toBe(status !== 403);
        verdicts.add(status !== 403);
        // The API's own refusal is read as the very right that the console says is missing.
        if (status === 403) expect(checkOfRefusal(message), what).toEqual(checkOf(access, namespace));
      }
    }
    expect([...verdicts].sort()).toEqual(person === 'admin' ? [true] : [false, true]);
  });

  it('gets the same from the kubectl command that the console gives to copy', async () => {
    const checks = NEEDS.map((access) => checkOf(access, 'dev'));
    const answers = await allowed(person, checks);
    const lines = checks.map(checkCommand);
    const said: string[] = [];
    const places = lines.keys();
    const worker = async () => {
      for (const place of places) said[place] = await shell(person, lines[place] ?? '');
    };
    await Promise.all([worker(), worker(), worker()]);
    const verdicts = said.map((text) =>
      text.startsWith('{')
        ? (JSON.parse(text) as { status: { allowed: boolean } }).status.allowed
        : text.startsWith('yes'),
    );
    expect(verdicts.map((verdict, place) => `${lines[place]} ${verdict}`)).toEqual(
      answers.map((verdict, place) => `${lines[place]} ${verdict}`),
    );
  });
});

describe('the role that the console writes', () => {
  const start = {
    verb: 'update',
    group: 'subresources.kubevirt.io',
    resource: 'virtualmachines',
    subresource: 'start',
    namespace: 'closed',
  };
  const restart = { ...start, subresource: 'restart' };
  const listVms = { verb: 'list', group: 'kubevirt.io', resource: 'virtualmachines', namespace: 'closed' };
  const deleteVms = { ...listVms, verb: 'delete' };
  const listNodes = { verb: 'list', group: '', resource: 'nodes' };
  const elsewhere = { ...start, namespace: 'default' };

  it('allows what it is for and nothing more, and applying a second one takes nothing away', async () => {
    const all = [start, listVms, listNodes, restart, deleteVms, elsewhere];
    expect(await allowed('vic', all)).toEqual([false, false, false, false, false, false]);
    await apply([start, listVms, listNodes]);
    await expect.poll(() => allowed('vic', all)).toEqual([true, true, true, false, false, false]);
    await apply([start, restart]);
    await expect.poll(() => allowed('vic', all)).toEqual([true, true, true, true, false, false]);
    expect((await told('vic', [start]))[0]?.reason).toContain('RBAC: allowed by RoleBinding');
  });

  it('is made by the commands that the console gives in its place', async () => {
    const lines = grantCommands([deleteVms], 'vic') ?? [];
    expect(lines).toHaveLength(2);
    for (const line of lines) await shell('admin', line);
    await expect.poll(() => allowed('vic', [deleteVms])).toEqual([true]);
    for (const { kind, metadata } of roleFor([deleteVms], 'vic')) {
      await shell('admin', `kubectl -n closed delete ${kind} ${metadata.name}`);
    }
    await expect.poll(() => allowed('vic', [deleteVms])).toEqual([false]);
  });

  async function apply(checks: AccessCheck[]): Promise<void> {
    const yaml = roleFor(checks, 'vic').map((object) => writeManifest(object));
    await writeFile(path.join(directory, 'role.yaml'), yaml.join('---\n'));
    await shell('admin', 'kubectl apply -f role.yaml');
  }
});

const canSpanNamespaces = ({ namespaced }: ActionAccess['resource']) => namespaced;

/** Does it, past the console, to something that is not there: whoever may is told so, and nothing changes. */
async function attempt(
  person: Person,
  { verb, resource, subresource }: ActionAccess,
  namespace: string | undefined,
): Promise<{ status: number; message: string }> {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const scope = namespace && resource.namespaced ? `/namespaces/${namespace}` : '';
  const collection = `${root}${scope}/${resource.plural}`;
  const object = `${collection}/absent${subresource ? `/${subresource}` : ''}`;
  const requests: Record<string, [method: string, where: string]> = {
    list: ['GET', `${collection}?limit=1`],
    watch: ['GET', `${collection}?watch=true&timeoutSeconds=1`],
    get: ['GET', object],
    create: ['POST', `${collection}?dryRun=All`],
    update: ['PUT', object],
    patch: ['PATCH', `${object}?dryRun=All`],
    delete: ['DELETE', object],
  };
  const [method, where] = requests[verb] ?? ['', ''];
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
  const answer = await fetch(sandbox.url + where, {
    method,
    dispatcher: agent,
    headers: {
      authorization: `Bearer ${sandbox.tokens[person]}`,
      ...(hasBody
        ? { 'content-type': verb === 'patch' ? 'application/merge-patch+json' : 'application/json' }
        : {}),
    },
    ...(hasBody ? { body: '{}' } : {}),
  });
  // An allowed watch has no end worth waiting for.
  if (answer.status < 400) {
    await answer.body?.cancel();
    return { status: answer.status, message: '' };
  }
  const text = await answer.text();
  return {
    status: answer.status,
    message: text.startsWith('{') ? String((JSON.parse(text) as { message?: string }).message) : text,
  };
}
