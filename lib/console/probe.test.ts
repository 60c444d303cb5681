import { afterEach, describe, expect, it, vi } from 'vitest';
import { askEndpoint, askInstance, consoleSocketUrl } from './probe';

const VM = { cluster: 'kind 1', namespace: 'demo', name: 'web-1' };

function answering(code: number, body: unknown): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status: code });
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

describe('consoleSocketUrl', () => {
  it('goes through the proxy, by the scheme of the page', () => {
    expect(consoleSocketUrl('https://portlight.example', VM, 'serial')).toBe(
      'wss://portlight.example/api/k8s/kind%201/apis/subresources.kubevirt.io/v1/namespaces/demo/virtualmachineinstances/web-1/console',
    );
    expect(consoleSocketUrl('http://127.0.0.1:3000', VM, 'vnc')).toMatch(/^ws:.*\/web-1\/vnc$/);
  });
});

describe('askEndpoint', () => {
  it("repeats KubeVirt's refusal", async () => {
    const message =
      'virtualmachineinstances.subresources.kubevirt.io "web-1" is forbidden: User "edith" cannot get';
    answering(403, { kind: 'Status', apiVersion: 'v1', code: 403, reason: 'Forbidden', message });
    expect(await askEndpoint(VM, 'vnc')).toEqual({ answer: 'refusal', refusal: { code: 403, message } });
  });

  it('takes "you did not ask for an upgrade" for consent, as virt-api words it', async () => {
    answering(
      400,
      'Bad Request\n{"kind":"Status","message":"websocket: the client is not using the websocket protocol: \'upgrade\' token not found in \'Connection\' header","code":400}',
    );
    expect(await askEndpoint(VM, 'serial')).toEqual({ answer: 'ready' });
  });

  it('keeps the reason of a 400 that is one', async () => {
    answering(400, { kind: 'Status', apiVersion: 'v1', code: 400, message: 'VMI is not running' });
    expect(await askEndpoint(VM, 'serial')).toMatchObject({ answer: 'refusal', refusal: { code: 400 } });
  });

  it('tells a gateway that does not reach the cluster from a refusal', async () => {
    answering(502, 'connect ECONNREFUSED');
    expect(await askEndpoint(VM, 'serial')).toMatchObject({ answer: 'none' });
  });

  it('tells silence from a refusal', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect(await askEndpoint(VM, 'serial')).toEqual({ answer: 'none', message: 'Failed to fetch' });
  });
});

describe('askInstance', () => {
  it('reads what tells a takeover from an end', async () => {
    const asked = answering(200, {
      metadata: { uid: 'i-1', deletionTimestamp: '2026-01-01T00:00:00Z' },
      status: { phase: 'Running', nodeName: 'node-2', migrationState: { completed: false } },
    });
    expect(await askInstance(VM)).toEqual({
      answer: 'instance',
      uid: 'i-1',
      phase: 'Running',
      deleting: true,
      migrating: true,
      node: 'node-2',
    });
    expect(asked).toEqual([
      '/api/k8s/kind%201/apis/kubevirt.io/v1/namespaces/demo/virtualmachineinstances/web-1',
    ]);
  });

  it('does not take a past migration for one that runs', async () => {
    answering(200, {
      metadata: { uid: 'i-1' },
      status: { phase: 'Running', migrationState: { completed: true } },
    });
    expect(await askInstance(VM)).toMatchObject({ migrating: false, deleting: false });
  });
});
