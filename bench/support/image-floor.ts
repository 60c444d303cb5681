import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { selfSigned } from '../api/certificate';

export const run = promisify(execFile);

/** Servers of the measuring process itself, which every way of moving an image uses alike. */
export interface ImageServers {
  /** Serves the image. */
  download: string;
  /** Takes what is sent to it into a file, over TLS. */
  upload: string;
  close(): void;
}

export async function serveImages(image: string, target: string): Promise<ImageServers> {
  const plain = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': statSync(image).size });
    pipeline(createReadStream(image, { highWaterMark: 2 ** 20 }), response).catch(() => {});
  });
  const { cert, key } = selfSigned();
  const secure = createSecureServer({ cert, key }, (request, response) => {
    pipeline(request, createWriteStream(target)).then(
      () => response.end(),
      () => response.destroy(),
    );
  });
  const listen = (server: typeof plain | typeof secure) =>
    new Promise<number>((resolve) =>
      // A TCP server's address has a port.
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    );
  return {
    download: `http://127.0.0.1:${await listen(plain)}/disk.img`,
    upload: `https://127.0.0.1:${await listen(secure)}/`,
    close() {
      for (const server of [plain, secure]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

/** `curl`, which must end well. Returns what it took, in seconds. */
export async function curl(...options: string[]): Promise<number> {
  const from = performance.now();
  await run('curl', ['--silent', '--show-error', '--fail', '--insecure', ...options]);
  return (performance.now() - from) / 1000;
}

/** As `virtctl` sends an image: with its length, in one POST. */
export function curlPost(url: string, image: string, ...options: string[]): Promise<number> {
  const octets = ['--header', 'content-type: application/octet-stream', '--header', 'expect:'];
  return curl('--request', 'POST', '--upload-file', image, ...octets, ...options, url);
}
