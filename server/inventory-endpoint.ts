import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Viewer } from '@/lib/auth/viewer';
import type { VmWindow } from '@/lib/inventory/inventory';
import { MAX_KNOWN } from '@/lib/inventory/live-message';
import type { Window } from '@/lib/inventory/protocol';
import { ApiError } from '@/lib/k8s/error';
import { DEFAULT_VM_COLUMNS, parseVmColumns } from '@/lib/kinds/vm/columns';
import { parseVmQuery, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import { sendError } from './auth/json';
import type { Visitor } from './auth/visitor';
import { EXPORTS, type ExportFormat, isExportFormat } from './inventory-export';

export const INVENTORY_PREFIX = '/api/inventory/';

const PAGE_ROWS = 500;
/** Read again with every page: rows that went from pages before move later ones up, and none may be missed. */
const OVERLAP_ROWS = 100;
/** How long a list that is still being read is waited for. */
const PATIENCE_MS = 60_000;
/** Each holds a cursor and a buffer; more than this at a time wait for nobody's work. */
const MAX_EXPORTS = 16;

const NAMESPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The part of the inventory that exports read. */
export interface RowSelector {
  select(
    viewer: Viewer,
    query: VmQuery,
    window: Window,
    options?: { patienceMs?: number; known?: string[] },
  ): Promise<VmWindow>;
}

interface Wanted {
  cluster: string;
  query: VmQuery;
  known: string[];
  format: ExportFormat;
  columns: ReturnType<typeof parseVmColumns>;
  from: number;
  count: number;
}

/**
 * `GET /api/inventory/<cluster>/vms?ns=&q=&sort=&format=json|csv|rows`: everything that matches, as whoever asks may see
 * it, in the list's order. `cols` chooses the columns of CSV; `from` and `count` a stretch of the answer; `known` as for
 * the live list. `rows` is one whole VmRow a line.
 */
export class InventoryExports {
  private open = 0;

  constructor(private readonly inventory: RowSelector) {}

  async answer(request: IncomingMessage, response: ServerResponse, visitor: Visitor): Promise<void> {
    const url = request.url ?? '/';
    const asked = { method: request.method ?? 'GET', path: url.split('?', 1)[0] ?? '' };
    let counted = false;
    try {
      if (asked.method !== 'GET') throw new ApiError(405, 'MethodNotAllowed', 'This is only read.', asked);
      const wanted = readWanted(url, asked);
      if (this.open >= MAX_EXPORTS) throw tooMany(asked);
      this.open += 1;
      counted = true;
      const viewer = await visitor.viewer(wanted.cluster);
      const first = await this.firstPage(viewer, wanted, asked);
      const cookies = await visitor.cookies();
      if (cookies.length > 0) response.setHeader('set-cookie', cookies);
      await send(request, response, wanted, this.rows(viewer, wanted, first), first.total);
    } catch (cause) {
      // What is cut off in the middle must not look complete: the connection ends without the last chunk.
      if (response.headersSent) response.destroy();
      else sendError(response, cause, asked);
    } finally {
      if (counted) this.open -= 1;
    }
  }

  /** @throws ApiError as the cluster refused, or 503 while there is no complete list. */
  private async firstPage(
    viewer: Viewer,
    { query, known, from, count }: Wanted,
    asked: { method: string; path: string },
  ): Promise<VmWindow> {
    const window = { from, count: Math.min(PAGE_ROWS, count) };
    const page = await this.inventory.select(viewer, query, window, { patienceMs: PATIENCE_MS, known });
    const { feed } = page;
    if (feed.state === 'refused') throw ApiError.fromJSON(feed.error);
    const isComplete = feed.state === 'live' || (feed.state !== 'loading' && page.total > 0);
    if (isComplete) return page;
    if (feed.state === 'paused') throw ApiError.fromJSON(feed.error);
    throw new ApiError(503, 'ServiceUnavailable', 'The cluster is still being read. Try again soon.', asked);
  }

  /** The rows page by page, each once. @throws ApiError when the rows are taken away in the middle. */
  private async *rows(viewer: Viewer, wanted: Wanted, first: VmWindow): AsyncGenerator<VmRow[]> {
    const { query, known, count } = wanted;
    const seen = new Set<string>();
    const take = (page: VmWindow): VmRow[] => {
      const fresh = page.rows.filter(({ uid }) => !seen.has(uid)).slice(0, count - seen.size);
      for (const { uid } of fresh) seen.add(uid);
      return fresh;
    };
    let page = first;
    let next = wanted.from + page.rows.length;
    yield take(page);
    while (next < page.total && seen.size < count) {
      const from = Math.max(wanted.from, next - OVERLAP_ROWS);
      page = await this.inventory.select(
        viewer,
        query,
        { from, count: next - from + PAGE_ROWS },
        { patienceMs: PATIENCE_MS, known },
      );
      if (page.feed.state === 'refused') throw ApiError.fromJSON(page.feed.error);
      if (page.rows.length === 0) return;
      next = from + page.rows.length;
      yield take(page);
    }
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { cluster, format, columns, from }: Wanted,
  rows: AsyncGenerator<VmRow[]>,
  total: number,
): Promise<void> {
  const { type, extension, write } = EXPORTS[format];
  const isZipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // How many there are in all, for who asked for a stretch.
    'x-total-count': String(total),
    ...(from === 0 && extension ? { 'content-disposition': attachment(cluster, extension) } : {}),
    ...(isZipped ? { 'content-encoding': 'gzip', vary: 'accept-encoding' } : {}),
  });
  const text = Readable.from(write(rows, columns ?? DEFAULT_VM_COLUMNS));
  if (isZipped) await pipeline(text, createGzip({ level: 1 }), response);
  else await pipeline(text, response);
}

/** RFC 6266: a plain name for old programs, the real one for all others. */
function attachment(cluster: string, extension: string): string {
  const day = new Date().toISOString().slice(0, 10);
  const name = `virtual-machines-${cluster}-${day}.${extension}`;
  const plain = name.replaceAll(/[^\w.-]/g, '_');
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/** @throws ApiError 400, 404 */
function readWanted(url: string, asked: { method: string; path: string }): Wanted {
  const bad = (message: string) => new ApiError(400, 'BadRequest', message, asked);
  const match = /^\/api\/inventory\/([^/]+)\/vms$/.exec(asked.path);
  if (!match) throw new ApiError(404, 'NotFound', 'There is nothing at this address.', asked);
  const params = new URLSearchParams(url.slice(asked.path.length));
  const format = params.get('format') ?? 'json';
  if (!isExportFormat(format)) throw bad('The format is json, csv or rows.');
  const known = (params.get('known') ?? '').split(',').filter(Boolean);
  if (known.length > MAX_KNOWN || !known.every((name) => NAMESPACE.test(name))) {
    throw bad(`At most ${MAX_KNOWN} names of namespaces can be known.`);
  }
  const query = parseVmQuery(params);
  if (!query.namespaces.every((name) => NAMESPACE.test(name))) throw bad('That is no name of a namespace.');
  const number = (name: string, otherwise: number) => {
    const value = params.get(name);
    if (value === null) return otherwise;
    if (!/^\d{1,9}$/.test(value)) throw bad(`${name} is a whole number.`);
    return Number(value);
  };
  return {
    cluster: decoded(match[1] ?? '', bad),
    query,
    known,
    format,
    columns: parseVmColumns(params.get('cols')),
    from: number('from', 0),
    count: number('count', Number.MAX_SAFE_INTEGER),
  };
}

function decoded(segment: string, bad: (message: string) => ApiError): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw bad('The name of the cluster is not properly encoded.');
  }
}

function tooMany(asked: { method: string; path: string }): ApiError {
  return new ApiError(429, 'TooManyRequests', 'Too many lists are being written. Try again soon.', asked);
}
