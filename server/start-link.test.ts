import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cluster } from '@/lib/auth/cluster';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { openStartLink, startUrl } from './start-link';

const folder = mkdtempSync(path.join(tmpdir(), 'portlight-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

const remote = { host: '0.0.0.0', hosts: { names: [], remote: true }, allowRemote: false };
// Nothing but the name and the methods is looked at.
const clusters = (...methods: ('kubeconfig' | 'token')[]) =>
  methods.map((kind) => ({ name: `by-${kind}`, methods: plainMethods([kind]) }) as Cluster);

describe('openStartLink', () => {
  it('refuses to lend a kubeconfig’s credentials to other machines unless asked to', () => {
    expect(() => openStartLink(remote, clusters('kubeconfig', 'token'))).toThrow(
      /nobody signs in to by-kubeconfig: .* Add --allow-remote/,
    );
    // The sandbox writes its kubeconfig a little later.
    expect(() => openStartLink(remote, [])).toThrow(/--allow-remote/);
    expect(openStartLink({ ...remote, signIn: plainMethods(['token']) }, [])).toBeUndefined();
    expect(openStartLink(remote, clusters('token'))).toBeUndefined();
    const local = { ...remote, host: '127.0.0.1', hosts: { names: [], remote: false } };
    expect(openStartLink(local, clusters('kubeconfig'))).toBeUndefined();
  });

  it('makes a new token of 256 bits with each start, or reads one that is never printed', () => {
    const allowed = { ...remote, allowRemote: true };
    const [one, other] = [
      openStartLink(allowed, clusters('kubeconfig')),
      openStartLink(allowed, clusters('kubeconfig')),
    ];
    expect(Buffer.from(one?.token ?? '', 'base64url')).toHaveLength(32);
    expect(one?.token).not.toBe(other?.token);
    const startTokenFile = path.join(folder, 'token');
    writeFileSync(startTokenFile, `${'a'.repeat(64)}\n`);
    const kept = openStartLink({ ...allowed, startTokenFile }, []);
    expect(kept?.token).toBe('a'.repeat(64));
    expect(kept && startUrl('http://h:1', undefined, kept)).toBe(
      `http://h:1/start?token=(the token in ${startTokenFile})`,
    );
    writeFileSync(startTokenFile, 'short');
    expect(() => openStartLink({ ...allowed, startTokenFile }, [])).toThrow(/at least 32/);
    expect(() => openStartLink({ ...allowed, startTokenFile: '/none' }, [])).toThrow(/ENOENT/);
  });

  it('prints an address that can be opened', () => {
    const link = { token: 't', printed: 't' };
    expect(startUrl('https://10.0.0.7:3000', undefined, link)).toBe('https://10.0.0.7:3000/start?token=t');
    expect(startUrl('http://0.0.0.0:3000', 'https://vms.example.org', link)).toBe(
      'https://vms.example.org/start?token=t',
    );
    for (const any of ['http://0.0.0.0:3000', 'http://[::]:3000']) {
      expect(startUrl(any, undefined, link)).toMatch(/^http:\/\/(?!0\.0\.0\.0)\d+(\.\d+){3}:3000\/start/);
    }
  });
});
