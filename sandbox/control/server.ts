import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { BadControl, type Controls, control } from './routes';

export interface ControlServer {
  url: string;
  /** Every request carries it as a bearer token, so that no page in a browser can steer. */
  token: string;
  close(): Promise<void>;
}

const FILE = 'control.json';

/**
 * Serves the control endpoint on loopback, and writes its address and token to `control.json` in `directory`,
 * readable by its owner alone. docs/sandbox-control.md describes it.
 */
export async function startControlServer(controls: Controls, directory: string): Promise<ControlServer> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    void answer(controls, token, request).then(({ status, body }) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(`${JSON.stringify(body)}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = path.join(directory, FILE);
  writeFileSync(file, `${JSON.stringify({ url, token }, null, 2)}\n`, { mode: 0o600 });
  return {
    url,
    token,
    async close() {
      rmSync(file, { force: true });
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(controls: Controls, token: string, request: IncomingMessage) {
  try {
    if (!isToken(request.headers.authorization, token)) {
      return { status: 401, body: { message: `send the token of ${FILE} as a bearer token` } };
    }
    const url = new URL(request.url ?? '/', 'http://control');
    return control(controls, request.method ?? 'GET', url.pathname, await readBody(request));
  } catch (error) {
    if (error instanceof BadControl) return { status: 400, body: { message: error.message } };
    console.error('control:', error);
    return { status: 500, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function isToken(header: string | undefined, token: string): boolean {
  const sent = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return sent.length === wanted.length && timingSafeEqual(sent, wanted);
}

/** @throws BadControl for anything but a JSON object or nothing. */
async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8').trim();
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    // Each field is checked where it is used.
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new BadControl('the body must be a JSON object');
}
