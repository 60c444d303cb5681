import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Change, Entry } from './collection';
import type { Estate } from './estate';
import { wantsTable } from './lists';
import type { Counters, Target } from './request';
import { asTable } from './table';

const BOOKMARK_EVERY_MS = 5_000;
/** What happens within this time goes out in one write, as an API server's own watch cache does. */
const GATHER_MS = 2;
/** A reader with more than this unread is cut off, as an API server does whose buffer for a watch is full. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

interface Open {
  target: Target;
  response: ServerResponse;
  table: boolean;
  waiting: Buffer[];
  end: () => void;
}

/** Every open watch. */
export class Watches {
  private readonly open = new Set<Open>();
  private readonly bookmarks: ReturnType<typeof setInterval>;
  private gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly estate: Estate,
    private readonly counters: Counters,
  ) {
    this.bookmarks = setInterval(() => this.bookmark(), BOOKMARK_EVERY_MS).unref();
  }

  serve(target: Target, request: IncomingMessage, response: ServerResponse): void {
    const { plural, query } = target;
    this.counters.watches[plural] = (this.counters.watches[plural] ?? 0) + 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const part = this.estate.collection(plural);
    const version = Number(query.get('resourceVersion') || 0);
    const missed = part && version > 0 ? part.since(version) : [];
    const watch: Open = { target, response, table: wantsTable(request), waiting: [], end: () => {} };
    if (!missed) {
      this.expire(watch);
      return;
    }
    const stop = part?.follow((change) => this.take(watch, change)) ?? (() => {});
    const seconds = Number(query.get('timeoutSeconds') ?? 1_800);
    const timer = setTimeout(() => watch.end(), seconds * 1_000);
    const forget = () => {
      clearTimeout(timer);
      stop();
      if (this.open.delete(watch)) this.counters.openWatches -= 1;
    };
    watch.end = () => {
      forget();
      response.end();
    };
    response.on('close', forget);
    this.open.add(watch);
    this.counters.openWatches += 1;
    if (part && version === 0) {
      for (const entry of part.list(this.estate.version, Date.now()) ?? []) this.take(watch, added(entry));
    }
    for (const change of missed) this.take(watch, change);
  }

  /** Breaks every watch off in the middle of its connection. */
  drop(): void {
    for (const { response } of [...this.open]) response.destroy();
  }

  /** Says to every watch that its version is too old, and forgets what one could resume from. */
  expireAll(): void {
    this.estate.vms.expire(this.estate.version);
    this.estate.vmis.expire(this.estate.version);
    for (const watch of [...this.open]) this.expire(watch);
  }

  close(): void {
    clearInterval(this.bookmarks);
    clearTimeout(this.gathering);
    this.drop();
  }

  private expire(watch: Open): void {
    const message = 'too old resource version';
    const object = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Expired',
      code: 410,
    };
    watch.response.write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    watch.end();
    watch.response.end();
  }

  private take(watch: Open, change: Change): void {
    const { target, table, waiting } = watch;
    const { entry, type } = change;
    if (target.namespace && entry.namespace !== target.namespace) return;
    const selector = target.query.get('fieldSelector');
    if (selector && selector !== `metadata.name=${entry.name}`) return;
    waiting.push(table ? tableLine(type, entry) : change.line());
    this.gathering ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.gathering = undefined;
    for (const { response, waiting } of [...this.open]) {
      if (waiting.length === 0) continue;
      const text = Buffer.concat(waiting.splice(0));
      this.counters.watchBytes += text.length;
      response.write(text);
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    }
  }

  private bookmark(): void {
    for (const { target, response, waiting } of this.open) {
      if (target.query.get('allowWatchBookmarks') !== 'true' || waiting.length > 0) continue;
      const metadata = { resourceVersion: String(this.estate.version), creationTimestamp: null };
      const object = { kind: 'Bookmark', apiVersion: target.groupVersion, metadata };
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    }
  }
}

function added(entry: Entry): Change {
  const line = () =>
    Buffer.concat([Buffer.from('{"type":"ADDED","object":'), entry.text(), Buffer.from('}\n')]);
  return { type: 'ADDED', version: entry.version, entry, line };
}

function tableLine(type: string, entry: Entry): Buffer {
  const object = asTable([entry.text()], { resourceVersion: String(entry.version) });
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}
