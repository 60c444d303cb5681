import { clock } from '../clock';
import type { ApiCall } from './api-call';
import { DEFINITIONS } from './custom/definition';
import { ApiError, type Status } from './errors';
import { emptyObject } from './fields/empty-object';
import type { Change } from './history';
import { checkListOptions } from './list-options';
import { negotiate, type Representation } from './negotiation';
import type { KubeObject } from './objects';
import { includeObject, shown } from './presentation';
import { isSelected, parseRevision, parseSelection, type Selection, storedAs } from './reads';
import { isTrue } from './request-path';
import { groupVersion } from './resource-type';
import type { Cluster } from './store';
import { columnDefinitions, partialMetadata, tableRow } from './table';
import { jsonOf, RecentTexts } from './texts';

/** Where a watch writes: a chunked response or a WebSocket. */
export interface WatchSink {
  /** Takes one or more whole events, each a line of JSON. False asks to wait for `onDrain`. */
  write(lines: string[]): boolean;
  onDrain(resume: () => void): void;
  end(): void;
  /** Drops the connection. */
  cut(): void;
}

const BOOKMARK_MS = 60_000;
const DEFAULT_TIMEOUT_MIN_MS = 30 * 60_000;
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };
/** Events handed to the sink at once. */
const BATCH = 256;

/** The rows of this second: later the ages in them are wrong. */
const rows = { second: 0, texts: new Map<string, RecentTexts>() };
const ROW_CHARACTERS = 8 * 1024 * 1024;

/** What every watcher who asked for the same representation gets to see, made once. */
function sharedText(aspect: string, object: KubeObject, make: (object: KubeObject) => string): string {
  const second = Math.floor(clock.millis() / 1000);
  if (rows.second !== second) {
    rows.second = second;
    rows.texts.clear();
  }
  const texts = rows.texts.get(aspect) ?? new RecentTexts(ROW_CHARACTERS);
  rows.texts.set(aspect, texts);
  return texts.of(object, make);
}

/**
 * One client's view of a collection as it changes. It pulls: a cursor moves through the store's history as fast as
 * the client reads, so that a slow client costs no queue, and one that falls behind history is told 410.
 */
export class Watch {
  private readonly selection: Selection;
  private readonly representation: Representation['as'];
  private readonly bookmarks: boolean;
  /** What makes the text of an event differ between watchers. */
  private readonly aspect: string;
  private initial: KubeObject[];
  private initialAt = 0;
  private endOfInitial = false;
  private cursor: number;
  private columnsSent = false;
  private scheduled = false;
  private blocked = false;
  private closed = false;
  private readonly unsubscribe: () => void;
  private readonly timers: NodeJS.Timeout[] = [];

  /** @throws ApiError 400, 406, 422, 504 for parameters that make no sense. */
  constructor(
    private readonly cluster: Cluster,
    private readonly call: ApiCall,
    private readonly sink: WatchSink,
  ) {
    const { query } = call;
    this.selection = selectionOf(call);
    this.representation = negotiate(call.headers.accept).as;
    this.bookmarks = isTrue(query.get('allowWatchBookmarks'));
    const { type, request } = call;
    this.aspect = [type.id, request.version, this.representation, includeObject(query)].join(' ');
    checkListOptions(query, true);
    const revision = parseRevision(cluster, query);
    const streaming = isTrue(query.get('sendInitialEvents'));
    const fromNow = query.get('sendInitialEvents') === null ? !revision : streaming;
    this.initial = fromNow ? this.present() : [];
    this.endOfInitial = streaming;
    this.cursor = fromNow ? cluster.revision : (revision ?? cluster.revision);
    const stored = storedAs(call.type);
    this.unsubscribe = cluster.subscribe(({ type, resource, object, previous }) => {
      if (resource === DEFINITIONS && object.metadata.name === stored) {
        // The apiserver takes its storage down when a definition goes or changes.
        const changed = previous?.metadata.generation !== object.metadata.generation;
        if (type === 'DELETED' || (type === 'MODIFIED' && changed)) this.finish();
        return;
      }
      if (resource === stored) this.schedule();
    });
    this.startTimers(Number(query.get('timeoutSeconds') ?? 0));
    this.schedule();
  }

  /** Ends the stream cleanly; the client watches again from where it was. */
  close(): void {
    if (this.closed) return;
    this.stop();
    this.sink.end();
  }

  /** The `plural.group` that is watched. */
  get resource(): string {
    return this.call.type.id;
  }

  /** Drops the connection, as a network that fails. */
  cut(): void {
    this.stop();
    this.sink.cut();
  }

  /** Ends the stream after everything that has happened so far. */
  private finish(): void {
    this.pump();
    this.close();
  }

  /** The client has gone. */
  stop(): void {
    this.closed = true;
    this.unsubscribe();
    for (const timer of this.timers) clearTimeout(timer);
  }

  private startTimers(timeoutSeconds: number): void {
    const timeout = timeoutSeconds > 0 ? timeoutSeconds * 1000 : DEFAULT_TIMEOUT_MIN_MS * (1 + Math.random());
    this.timers.push(
      setTimeout(() => {
        this.pump();
        if (!this.closed && !this.blocked) this.bookmark();
        this.close();
      }, timeout),
      setInterval(() => {
        this.pump();
        if (!this.blocked) this.bookmark();
      }, BOOKMARK_MS),
    );
  }

  /** Changes of one tick go out together. */
  private schedule(): void {
    if (this.scheduled || this.blocked || this.closed) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    while (!this.closed && !this.blocked) {
      const lines = this.nextLines();
      if (lines === undefined) return;
      if (lines.length > 0) this.send(lines);
    }
  }

  /** The next batch; undefined when there is nothing new. */
  private nextLines(): string[] | undefined {
    if (this.initialAt < this.initial.length) {
      const lines = this.initial
        .slice(this.initialAt, this.initialAt + BATCH)
        .map((object) => this.line('ADDED', object));
      this.initialAt += BATCH;
      if (this.initialAt >= this.initial.length) this.initial = [];
      return lines;
    }
    if (this.endOfInitial) {
      this.endOfInitial = false;
      return [this.bookmarkLine(INITIAL_EVENTS_END)];
    }
    const changes = this.cluster.state.changesSince(storedAs(this.call.type), this.cursor, BATCH);
    if (!changes) {
      this.expire();
      return undefined;
    }
    if (changes.length === 0) {
      this.cursor = this.cluster.revision;
      return undefined;
    }
    this.cursor = changes.at(-1)?.revision ?? this.cursor;
    return changes.flatMap((change) => this.changeLine(change));
  }

  private send(lines: string[]): void {
    if (this.sink.write(lines)) return;
    this.blocked = true;
    this.sink.onDrain(() => {
      this.blocked = false;
      this.pump();
    });
  }

  /** Tells the client that what it wants to go on from is forgotten, as after a compaction, and ends. */
  expire(): void {
    const oldest = this.cluster.state.compacted(storedAs(this.call.type));
    const { status } = new ApiError(410, 'Expired', `too old resource version: ${this.cursor} (${oldest})`);
    this.sink.write([`${JSON.stringify({ type: 'ERROR', object: status satisfies Status })}\n`]);
    this.close();
  }

  private bookmark(): void {
    if (this.bookmarks && !this.closed) this.send([this.bookmarkLine()]);
  }

  private bookmarkLine(annotations?: Record<string, string>): string {
    const { type, request } = this.call;
    const metadata = {
      resourceVersion: String(this.cursor),
      ...(annotations ? { annotations } : {}),
    };
    const plain = {
      kind: type.kind,
      apiVersion: groupVersion({ ...type, version: request.version }),
      // Kinds of Go's own come with the structs that are always there.
      ...(type.custom ? {} : emptyObject(type.id)),
      metadata,
    };
    if (this.representation === 'table') {
      const row = {
        cells: [],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      };
      const table = {
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion: metadata.resourceVersion },
        columnDefinitions: null,
        rows: annotations ? [row] : [],
      };
      return `${JSON.stringify({ type: 'BOOKMARK', object: table })}\n`;
    }
    const object =
      this.representation === 'partial'
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
        : plain;
    return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
  }

  /** A change as this selection sees it: what leaves it is DELETED, what enters it ADDED. */
  private changeLine(change: Change): string[] {
    const { namespace } = this.call.request;
    if (namespace && change.object.metadata.namespace !== namespace) return [];
    if (this.selection.everything) return [this.line(change.type, change.object)];
    const { type } = this.call;
    const was = change.previous !== undefined && isSelected(this.selection, type, change.previous);
    const is = change.type !== 'DELETED' && isSelected(this.selection, type, change.object);
    if (is) return [this.line(was ? 'MODIFIED' : 'ADDED', change.object)];
    if (!was || !change.previous) return [];
    if (change.type === 'DELETED') return [this.line('DELETED', change.object)];
    const { resourceVersion } = change.object.metadata;
    return [
      this.line('DELETED', {
        ...change.previous,
        metadata: { ...change.previous.metadata, resourceVersion },
      }),
    ];
  }

  private line(type: string, object: KubeObject): string {
    if (this.isPlain()) return `{"type":"${type}","object":${jsonOf(object)}}\n`;
    // The first row brings the columns, and is made for one watcher only.
    const text =
      this.representation === 'table' && !this.columnsSent
        ? JSON.stringify(this.represented(object))
        : sharedText(this.aspect, object, () => JSON.stringify(this.represented(object)));
    return `{"type":"${type}","object":${text}}\n`;
  }

  private represented(object: KubeObject): object {
    const { type, request, query } = this.call;
    const inVersion = shown(type, request.version, object);
    if (this.representation === 'object') return inVersion;
    if (this.representation === 'partial') return partialMetadata(inVersion);
    const first = !this.columnsSent;
    this.columnsSent = true;
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: object.metadata.resourceVersion },
      columnDefinitions: first ? columnDefinitions(type) : null,
      rows: [tableRow(type, object, includeObject(query), clock.millis())],
    };
  }

  private isPlain(): boolean {
    const { type, request } = this.call;
    return this.representation === 'object' && !type.view && request.version === type.version;
  }

  private present(): KubeObject[] {
    const { type, request } = this.call;
    const all = this.cluster.state.list(storedAs(type), request.namespace);
    return all.filter((object) => isSelected(this.selection, type, object));
  }
}

/** The legacy `/watch/…/name` path selects by name. */
function selectionOf(call: ApiCall): Selection {
  const { name } = call.request;
  if (!name) return parseSelection(call);
  const query = new URLSearchParams(call.query);
  query.set('fieldSelector', `metadata.name=${name}`);
  return parseSelection({ ...call, query });
}
