import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { requestInfo } from '@/lib/k8s/request-info';
import type { ProxyTarget } from './proxy/path';

/** Lines that wait for a disk or pipe that does not take them; what comes beyond is counted as lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_TEXT = 256;
const RETRY_MS = 5_000;

export type AuditEvent = 'write' | 'upgrade' | 'sign-in' | 'sign-out' | 'refusal';

/** Who did what to which object, and what came of it. Never a body, a token or a query string. */
export interface AuditEntry {
  event: AuditEvent;
  /** As the cluster knows them; absent where nobody was signed in. */
  user?: string | undefined;
  cluster?: string | undefined;
  method?: string | undefined;
  verb?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** The path, where it names no resource. */
  path?: string;
  dryRun?: boolean;
  outcome: 'allowed' | 'refused' | 'failed';
  /** Why it was refused, as the answer's reason says it. */
  reason?: string;
  code: number;
  /** From the request's first byte to the answer's last. */
  ms?: number;
  address: string;
}

/** One entry as a line of JSON. Texts from outside are cut, so that nobody fills the disk with one request. */
export function auditLine(entry: AuditEntry, time: Date): string {
  const kept = Object.entries(entry).filter(([, value]) => value !== undefined && value !== '');
  const cut = kept.map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, MAX_TEXT) : value]);
  return `${JSON.stringify({ time: time.toISOString(), ...Object.fromEntries(cut) })}\n`;
}

/** What a proxied call is, in an entry's words. */
export function describeTarget(method: string, { cluster, path, query }: ProxyTarget): Partial<AuditEntry> {
  const { verb, isResource, group, resource, subresource, namespace, name } = requestInfo(
    method,
    path,
    query,
  );
  const dryRun = new URLSearchParams(query).has('dryRun') ? { dryRun: true } : {};
  if (!isResource) return { cluster, method, verb, path, ...dryRun };
  return { cluster, method, verb, group, resource, subresource, namespace, name, ...dryRun };
}

/** What a status code comes to. */
export function outcomeOf(code: number): AuditEntry['outcome'] {
  if (code < 400) return 'allowed';
  return code < 500 ? 'refused' : 'failed';
}

/**
 * Writes entries to a file or, for `-`, to standard output. Never waits for it and never grows without bound: a reader
 * that stands still costs lines, and how many is the next line that it gets.
 */
export class AuditLog {
  private out: Writable | undefined;
  private lost = 0;
  private retryAt = 0;

  constructor(
    private readonly file: string,
    private readonly say: (sentence: string) => void = (sentence) => console.warn(sentence),
    private readonly open: (file: string) => Writable = openSink,
  ) {
    this.reopen();
  }

  write(entry: AuditEntry): void {
    if (!this.out && Date.now() >= this.retryAt) this.reopen();
    if (!this.out || this.out.writableLength > MAX_WAITING_BYTES) {
      this.lost += 1;
      return;
    }
    const now = new Date();
    if (this.lost > 0) {
      this.out.write(`${JSON.stringify({ time: now.toISOString(), event: 'lost', count: this.lost })}\n`);
      this.lost = 0;
    }
    this.out.write(auditLine(entry, now));
  }

  /** On SIGHUP, after the file was moved away. */
  reopen(): void {
    this.end();
    const out = this.open(this.file);
    this.out = out;
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (this.out !== out) return;
      this.out = undefined;
      this.retryAt = Date.now() + RETRY_MS;
      this.say(`The audit log ${this.file} cannot be written (${error.code ?? error.message}).`);
    });
  }

  close(): Promise<void> {
    const { out } = this;
    return new Promise((resolve) => {
      if (!out || out === process.stdout) resolve();
      else out.once('close', () => resolve());
      this.end();
    });
  }

  private end(): void {
    if (this.out !== process.stdout) this.out?.end();
    this.out = undefined;
  }
}

function openSink(file: string): Writable {
  return file === '-' ? process.stdout : createWriteStream(file, { flags: 'a', mode: 0o600 });
}
