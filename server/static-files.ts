import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';

const PREFIX = '/_next/static/';
/** Names of folders and files as a build makes them: nothing in them leads out of the folder. */
const NAME = /^[\w~-][\w.~-]*$/;
const YEAR_S = 31_536_000;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'application/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What tools/compress-pages.mjs leaves beside a file, best first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/**
 * The scripts and styles of a build, compressed once when it was made: on its way each would be compressed for every new
 * browser, and less well. Whatever has no compressed copy is left to Next.
 */
export class StaticFiles {
  /** Which copies are there; a build's files never change. */
  private readonly sizes = new Map<string, number | undefined>();

  /** @param directory the folder that is served as /_next/static. */
  constructor(private readonly directory: string) {}

  /** Answers a request for a compressed file; false means that it is somebody else's. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { method = 'GET', url = '' } = request;
    if (!url.startsWith(PREFIX) || (method !== 'GET' && method !== 'HEAD')) return false;
    const [where = ''] = url.slice(PREFIX.length).split('?', 1);
    const names = where.split('/');
    const type = TYPES[path.extname(where)];
    if (!type || !names.every((name) => NAME.test(name))) return false;
    const file = path.join(this.directory, ...names);
    for (const { name, suffix } of ENCODINGS) {
      if (!accepts(request.headers['accept-encoding'], name)) continue;
      const size = await this.sizeOf(file + suffix);
      if (size === undefined) continue;
      response.writeHead(200, {
        'Content-Type': type,
        'Content-Encoding': name,
        'Content-Length': size,
        'Cache-Control': `public, max-age=${YEAR_S}, immutable`,
        Vary: 'Accept-Encoding',
      });
      if (method === 'HEAD') response.end();
      // Headers are out: all that is left to do about an error is to end the connection, which pipeline does.
      else pipeline(createReadStream(file + suffix), response, () => undefined);
      return true;
    }
    return false;
  }

  private async sizeOf(file: string): Promise<number | undefined> {
    if (this.sizes.has(file)) return this.sizes.get(file);
    const found = await stat(file).catch(() => undefined);
    const size = found?.isFile() ? found.size : undefined;
    // What is not there yet may come with the next build of a running server; what is there stays.
    if (size !== undefined) this.sizes.set(file, size);
    return size;
  }
}

/** Whether a browser takes an encoding; `q=0` refuses it. */
function accepts(header: string | string[] | undefined, encoding: string): boolean {
  const offers = String(header ?? '').split(',');
  return offers.some((offer) => {
    const [name = '', ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
