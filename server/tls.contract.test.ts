import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Agent, fetch } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { TrustedProxies } from './client-address';
import { PortlightServer } from './portlight-server';
import { FakeCluster, selfSigned } from './testing/fake-cluster';
import { RawClient } from './testing/raw-client';
import { TlsFiles } from './tls-files';

interface Pair {
  cert: string;
  key: string;
}

let fake: FakeCluster;
let pairs: [Pair, Pair];
let folder: string;
let server: PortlightServer;
let files: TlsFiles;
let port: number;
const said: string[] = [];

beforeAll(async () => {
  fake = await FakeCluster.start();
  pairs = [await selfSigned(), await selfSigned()];
});
afterAll(() => fake.stop());
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'portlight-tls-'));
  write(pairs[0]);
  files = new TlsFiles(path.join(folder, 'cert'), path.join(folder, 'key'));
  const directory = await ClusterDirectory.open([{ kind: 'kubeconfig', files: [fake.kubeconfig] }]);
  server = new PortlightServer({ directory, hosts: { names: [], remote: false }, tls: files.current });
  files.follow(server, (sentence) => said.push(sentence), 50);
  ({ port } = await server.listen(0, '127.0.0.1'));
});
afterEach(async () => {
  files.close();
  await server.close(200);
  rmSync(folder, { recursive: true });
  said.length = 0;
});

function write({ cert, key }: Pair): void {
  writeFileSync(path.join(folder, 'cert'), cert);
  writeFileSync(path.join(folder, 'key'), key);
}

/** The status of /healthz to a client that trusts just this certificate; undefined when it is shown another one. */
async function healthTrusting({ cert: ca }: Pair): Promise<number | undefined> {
  const dispatcher = new Agent({ connect: { ca } });
  try {
    const answer = await fetch(`https://127.0.0.1:${port}/healthz`, { dispatcher });
    await answer.text();
    return answer.status;
  } catch {
    return undefined;
  } finally {
    await dispatcher.close();
  }
}

describe('TLS', () => {
  it('is spoken, with HSTS on every answer, a cluster’s too', async () => {
    const dispatcher = new Agent({ connect: { ca: pairs[0].cert } });
    for (const url of ['/healthz', '/api/k8s/fake/version', '/api/k8s/other/version']) {
      const answer = await fetch(`https://127.0.0.1:${port}${url}`, { dispatcher });
      expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=\d{7,}/);
      await answer.text();
    }
    await dispatcher.close();
  });

  it('is not spoken in versions before 1.2', async () => {
    const failed = await new Promise<boolean>((resolve) => {
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL:@SECLEVEL=0',
      });
      socket.on('secureConnect', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
    expect(failed).toBe(true);
    expect(await healthTrusting(pairs[0])).toBe(200);
  });

  it('takes a renewed certificate, and keeps the old one while the new one is broken', async () => {
    expect(await healthTrusting(pairs[0])).toBe(200);
    writeFileSync(path.join(folder, 'cert'), pairs[1].cert);
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/does not belong to the certificate.*stays in use/));
    expect(await healthTrusting(pairs[0])).toBe(200);
    writeFileSync(path.join(folder, 'key'), pairs[1].key);
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/^The certificate was renewed/));
    expect(await healthTrusting(pairs[1])).toBe(200);
    expect(await healthTrusting(pairs[0])).toBeUndefined();
    rmSync(path.join(folder, 'key'));
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/cannot be read \(ENOENT\).*stays in use/));
    expect(await healthTrusting(pairs[1])).toBe(200);
    expect(said.join()).not.toContain('PRIVATE');
  });

  it('answers plain HTTP in a sentence, and goes on', async () => {
    const client = new RawClient(`127.0.0.1:${port}`);
    client.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await client.closed;
    expect(client.codes).toEqual([400]);
    expect(client.received).toContain('begin the address with https://');
    expect(await healthTrusting(pairs[0])).toBe(200);
  });

  it.each([
    ['no certificate', 'nonsense', undefined],
    ['no key', undefined, 'nonsense'],
  ])('explains files that hold %s', (_, cert, key) => {
    write({ cert: cert ?? pairs[0].cert, key: key ?? pairs[0].key });
    expect(() => new TlsFiles(path.join(folder, 'cert'), path.join(folder, 'key'))).toThrow(/in PEM form/);
  });
});

describe('behind a proxy that ends TLS', () => {
  it.each([
    ['trusted', ['127.0.0.1'], true],
    ['not trusted', [], false],
  ])('believes the protocol of one that is %s', async (_, ranges, believed) => {
    const directory = await ClusterDirectory.open([{ kind: 'kubeconfig', files: [fake.kubeconfig] }]);
    const trustedProxies = new TrustedProxies(ranges);
    const plain = new PortlightServer({ directory, hosts: { names: [], remote: false }, trustedProxies });
    const address = await plain.listen(0, '127.0.0.1');
    try {
      const headers = { 'x-forwarded-proto': 'https' };
      const answer = await fetch(`http://127.0.0.1:${address.port}/healthz`, { headers });
      expect(answer.headers.has('strict-transport-security')).toBe(believed);
    } finally {
      await plain.close(200);
    }
  });
});
