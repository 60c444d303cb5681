import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';

/** What is known of one screen. */
export interface Screen {
  /** An object URL of the last picture. */
  url?: string;
  /** When it was taken, ms since the epoch. */
  takenAt?: number;
  /** Why there is no newer one. */
  error?: ApiErrorJson;
}

export interface ScreenRefresherOptions {
  /** Reads the picture of a screen. @throws ApiError */
  take: (key: string, signal: AbortSignal) => Promise<Blob>;
  makeUrl: (picture: Blob) => string;
  dropUrl: (url: string) => void;
  everyMs: number;
  now?: () => number;
}

interface Entry {
  key: string;
  screen: Screen;
  dueAt: number;
  isRunning: boolean;
  listeners: Set<() => void>;
}

/** So many pictures are taken at once: each is work for a node's virt-handler. */
const AT_ONCE = 3;
/** A screen is asked for at most this share of the time that one picture takes. */
const SHARE = 10;
const FAILED_MS = 30_000;
const EMPTY: Screen = {};

/**
 * Keeps the pictures of those screens fresh that somebody sees, politely: few at once, the oldest first, never more
 * often than asked, and rarer where pictures take long.
 */
export class ScreenRefresher {
  private readonly entries = new Map<string, Entry>();
  private readonly abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = 0;
  private isPaused = false;
  private everyMs: number;

  constructor(private readonly options: ScreenRefresherOptions) {
    this.everyMs = options.everyMs;
  }

  get(key: string): Screen {
    return this.entries.get(key)?.screen ?? EMPTY;
  }

  /** Keeps a screen fresh until the returned function is called; its last picture stays until `close`. */
  watch(key: string, listener: () => void): () => void {
    let entry = this.entries.get(key);
    if (!entry) {
      entry = { key, screen: EMPTY, dueAt: 0, isRunning: false, listeners: new Set() };
      this.entries.set(key, entry);
    }
    const watched = entry;
    watched.listeners.add(listener);
    this.pump();
    return () => {
      watched.listeners.delete(listener);
    };
  }

  setEvery(everyMs: number): void {
    const soonest = this.now() + everyMs;
    this.everyMs = everyMs;
    for (const entry of this.entries.values()) entry.dueAt = Math.min(entry.dueAt, soonest);
    this.pump();
  }

  /** Takes no pictures, e.g. while nobody looks at the page. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.pump();
  }

  close(): void {
    clearTimeout(this.timer);
    this.isPaused = true;
    this.abort.abort();
    for (const { screen } of this.entries.values()) if (screen.url) this.options.dropUrl(screen.url);
    this.entries.clear();
  }

  private pump(): void {
    clearTimeout(this.timer);
    if (this.isPaused) return;
    const waiting = [...this.entries.values()]
      .filter(({ isRunning, listeners }) => !isRunning && listeners.size > 0)
      .sort((a, b) => a.dueAt - b.dueAt);
    const now = this.now();
    for (const entry of waiting) {
      if (entry.dueAt > now) {
        this.timer = setTimeout(() => this.pump(), entry.dueAt - now);
        return;
      }
      // Whatever ends next pumps again.
      if (this.running >= AT_ONCE) return;
      void this.refresh(entry);
    }
  }

  private async refresh(entry: Entry): Promise<void> {
    entry.isRunning = true;
    this.running += 1;
    const from = this.now();
    try {
      const picture = await this.options.take(entry.key, this.abort.signal);
      if (this.abort.signal.aborted) return;
      const { url } = entry.screen;
      entry.screen = { url: this.options.makeUrl(picture), takenAt: this.now() };
      if (url) this.options.dropUrl(url);
      entry.dueAt = this.now() + Math.max(this.everyMs, (this.now() - from) * SHARE);
    } catch (cause) {
      if (this.abort.signal.aborted) return;
      const asked = { method: 'GET', path: entry.key };
      const error = cause instanceof ApiError ? cause : new ApiError(0, 'Unreachable', String(cause), asked);
      entry.screen = { ...entry.screen, error: error.toJSON() };
      entry.dueAt = this.now() + Math.max(this.everyMs, FAILED_MS);
    } finally {
      entry.isRunning = false;
      this.running -= 1;
    }
    for (const listener of [...entry.listeners]) listener();
    this.pump();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
