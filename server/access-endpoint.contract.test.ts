import { describe, expect, it } from 'vitest';
import type { AccessAnswer } from '@/lib/k8s/access';
import { serverPerTest } from './testing/harness';

const harness = serverPerTest();
const JSON_BODY = { 'content-type': 'application/json' };
const check = (verb: string, namespace = 'shop') => ({
  verb,
  group: 'kubevirt.io',
  resource: 'virtualmachines',
  namespace,
});

function post(body: unknown, headers: Record<string, string> = JSON_BODY, cluster = 'fake') {
  return fetch(`http://${harness.host}/api/access/${cluster}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
async function answers(checks: object[], more: object = {}): Promise<AccessAnswer[]> {
  const response = await post({ checks, ...more });
  expect(response.status).toBe(200);
  return ((await response.json()) as { answers: AccessAnswer[] }).answers;
}

/** A cluster that lets people read; keeps what it was asked. */
function reviewing(verdict = (verb: string): unknown => ({ allowed: verb === 'get' })) {
  const asked: Record<string, unknown>[] = [];
  harness.fake.answer = (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { spec } = JSON.parse(body) as { spec: { resourceAttributes: { verb: string } } };
      asked.push(spec.resourceAttributes);
      const status = verdict(spec.resourceAttributes.verb);
      response.setHeader('content-type', 'application/json');
      if (typeof status === 'number') response.writeHead(status).end('{}');
      else response.writeHead(201).end(JSON.stringify({ kind: 'SelfSubjectAccessReview', spec, status }));
    });
  };
  return asked;
}

describe('POST /api/access/<cluster>', () => {
  it('answers in the order of the checks, as the cluster does with the user’s own credentials', async () => {
    const asked = reviewing();
    const found = await answers([check('get'), check('delete'), check('get', 'other')]);
    expect(found.map(({ allowed }) => allowed)).toEqual([true, false, true]);
    expect(asked).toHaveLength(3);
    expect(asked).toContainEqual(check('delete'));
    expect(harness.fake.seen.map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill('Bearer danas-token'),
    );
    expect(harness.fake.seen[0]?.url).toBe('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews');
  });

  it('asks the cluster once for what it has just said, and anew when told to', async () => {
    const asked = reviewing();
    await answers([check('get'), check('get')]);
    await answers([check('get')]);
    expect(asked).toHaveLength(1);
    await answers([check('get')], { fresh: true });
    expect(asked).toHaveLength(2);
  });

  it('asks at most eight questions at a time', async () => {
    let running = 0;
    let most = 0;
    harness.fake.answer = (_, response) => {
      running += 1;
      most = Math.max(most, running);
      setImmediate(() => {
        running -= 1;
        response.writeHead(201).end(JSON.stringify({ status: { allowed: true } }));
      });
    };
    const checks = Array.from({ length: 500 }, (_, place) => check('get', `n${place}`));
    expect(await answers(checks)).toHaveLength(500);
    expect(most).toBeLessThanOrEqual(8);
    expect(most).toBeGreaterThan(1);
  });

  it('says that there is no verdict when the cluster gives none, and asks again next time', async () => {
    const asked = reviewing(() => 500);
    expect((await answers([check('get')]))[0]).toMatchObject({ allowed: false, unknown: true });
    await answers([check('get')]);
    expect(asked).toHaveLength(2);
    reviewing(() => ({ allowed: 'yes' }));
    expect((await answers([check('get')]))[0]).toMatchObject({ allowed: false, unknown: true });
  });

  it('refuses what is no question, too much, from elsewhere, or about no cluster', async () => {
    const asked = reviewing();
    const codes = await Promise.all([
      post('no json'),
      post({}),
      post({ checks: [{ verb: 'get' }] }),
      post({ checks: [{ ...check('get'), verb: 'x'.repeat(254) }] }),
      post({ checks: [{ ...check('get'), user: 'somebody-else' }] }),
      post({ checks: Array(501).fill(check('get')) }),
      post({ checks: [] }, { 'content-type': 'text/plain' }),
      post({ checks: [] }, { ...JSON_BODY, origin: 'https://elsewhere.example' }),
      post(`"${'x'.repeat(600_000)}"`),
      post({ checks: [check('get')] }, JSON_BODY, 'no-such-cluster'),
      fetch(`http://${harness.host}/api/access/fake`),
    ]);
    expect(codes.map(({ status }) => status)).toEqual([
      400, 400, 400, 400, 400, 400, 415, 403, 413, 404, 405,
    ]);
    expect(asked).toEqual([]);
  });
});
