import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Entry } from './collection';
import type { Estate } from './estate';
import { type Counters, sendJson, sendStatus, type Target } from './request';
import { asTable } from './table';

const COMMA = Buffer.from(',');
const END = Buffer.from(']}');
const BLOCK_BYTES = 256 * 1024;

/** The objects of a resource that a request is about; undefined when its page token is too old. */
function find(estate: Estate, { plural, namespace, query }: Target, asked?: number): Entry[] | undefined {
  const part = estate.collection(plural);
  const fixed = (estate.fixed(plural) ?? []).map((object) => fixedEntry(object));
  const all = part ? part.list(estate.version, Date.now(), asked) : fixed;
  const [field, wanted] = (query.get('fieldSelector') ?? '').split('=');
  return all?.filter(
    (entry) =>
      (namespace === '' || entry.namespace === namespace) &&
      (field !== 'metadata.name' || entry.name === wanted) &&
      (field !== 'metadata.namespace' || entry.namespace === wanted),
  );
}

/** A page of a list, each page of the snapshot that the first one began. */
export function serveList(
  estate: Estate,
  counters: Counters,
  target: Target,
  kind: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { plural, query, groupVersion } = target;
  const [asked, from = 0] = (query.get('continue') ?? '').split('.').filter(Boolean).map(Number);
  const all = find(estate, target, asked);
  if (!all) {
    const words = 'The provided continue parameter is too old to display a consistent list result.';
    sendStatus(response, 410, 'Expired', words);
    return;
  }
  if (asked === undefined) counters.lists[plural] = (counters.lists[plural] ?? 0) + 1;
  counters.pages[plural] = (counters.pages[plural] ?? 0) + 1;
  const limit = Number(query.get('limit') ?? 0) || all.length;
  const version = asked ?? estate.version;
  const left = all.length - from - limit;
  const metadata = {
    resourceVersion: String(version),
    ...(left > 0 ? { continue: `${version}.${from + limit}`, remainingItemCount: left } : {}),
  };
  const entries = all.slice(from, from + limit);
  if (wantsTable(request)) {
    sendJson(
      response,
      200,
      asTable(
        entries.map((entry) => entry.text()),
        metadata,
      ),
    );
    return;
  }
  const head = JSON.stringify({ kind: `${kind}List`, apiVersion: groupVersion, metadata, items: [] });
  void write(response, counters, Buffer.from(head.slice(0, -2)), entries);
}

/** Whether the answer is to be a table, as kubectl asks for what it prints. */
export function wantsTable({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('as=Table') ?? false;
}

export function serveOne(
  estate: Estate,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { plural, name, namespace } = target;
  const found =
    estate.collection(plural)?.get(namespace, name) ??
    (estate.fixed(plural) ?? []).map(fixedEntry).find((entry) => entry.name === name);
  if (!found) {
    sendStatus(response, 404, 'NotFound', `${plural} "${name}" not found`);
    return;
  }
  if (wantsTable(request)) {
    sendJson(response, 200, asTable([found.text()], { resourceVersion: String(found.version) }));
    return;
  }
  const text = found.text();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
}

async function write(
  response: ServerResponse,
  counters: Counters,
  head: Buffer,
  entries: Entry[],
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  let block = [head];
  let bytes = head.length;
  for (const [index, entry] of entries.entries()) {
    const text = entry.text();
    if (index > 0) block.push(COMMA);
    block.push(text);
    bytes += text.length + 1;
    if (bytes < BLOCK_BYTES) continue;
    counters.listBytes += bytes;
    if (!response.write(Buffer.concat(block))) await drained(response);
    if (response.destroyed) return;
    [block, bytes] = [[], 0];
  }
  counters.listBytes += bytes;
  response.end(Buffer.concat([...block, END]));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.on('drain', go);
    response.on('close', go);
  });
}

function fixedEntry(object: object): Entry {
  // Made by the estate, which gives each of them a name.
  const { metadata } = object as { metadata: { name: string; resourceVersion: string } };
  return {
    namespace: '',
    name: metadata.name,
    version: Number(metadata.resourceVersion),
    text: () => Buffer.from(JSON.stringify(object)),
  };
}
