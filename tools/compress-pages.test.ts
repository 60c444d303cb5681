import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StaticFiles } from '@/server/static-files';
import { compressPages } from './compress-pages.mjs';

const SCRIPT = `console.log(${JSON.stringify('a line of a script '.repeat(100))});`;
let folder: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'static-'));
  mkdirSync(path.join(folder, 'static', 'chunks'), { recursive: true });
  writeFileSync(path.join(folder, 'static', 'chunks', 'a-1.js'), SCRIPT);
  writeFileSync(path.join(folder, 'static', 'chunks', 'tiny.js'), '1');
  writeFileSync(path.join(folder, 'secret.js'), SCRIPT);
  await compressPages(folder);
  const files = new StaticFiles(path.join(folder, 'static'));
  server = createServer(async (asked, answer) => {
    if (!(await files.answer(asked, answer))) answer.writeHead(299).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/_next/static/`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function get(where: string, encodings: string | undefined, method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const headers = encodings === undefined ? {} : { 'accept-encoding': encodings };
  const answer = await request(url + where, { method, headers });
  return { ...answer, bytes: Buffer.from(await answer.body.arrayBuffer()) };
}

describe('StaticFiles', () => {
  it('sends the best copy that the browser takes, for ever', async () => {
    const brotli = await get('chunks/a-1.js?dpl=1', 'gzip, deflate, br, zstd');
    expect(brotli.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    });
    expect(brotliDecompressSync(brotli.bytes).toString()).toBe(SCRIPT);
    const gzipped = await get('chunks/a-1.js', 'br;q=0, gzip');
    expect(gzipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzipped.bytes).toString()).toBe(SCRIPT);
    const head = await get('chunks/a-1.js', 'br', 'HEAD');
    expect(Number(head.headers['content-length'])).toBe(brotli.bytes.length);
    expect(head.bytes).toHaveLength(0);
  });

  it.each([
    ['a browser that takes none', 'chunks/a-1.js', undefined],
    ['a file too small to have a copy', 'chunks/tiny.js', 'br'],
    ['a file that is not there', 'chunks/b.js', 'br'],
    ['a way out of the folder', '../secret.js', 'br'],
    ['a coded way out of the folder', '%2e%2e/secret.js', 'br'],
    ['a way out with a dot less', 'chunks/..%2f../secret.js', 'br'],
    ['a copy itself', 'chunks/a-1.js.br', 'br'],
  ])('leaves %s to Next', async (_, where, encodings) => {
    expect((await get(where, encodings)).statusCode).toBe(299);
  });

  it('leaves everything but reading to Next', async () => {
    expect((await get('chunks/a-1.js', 'br', 'POST')).statusCode).toBe(299);
  });
});
