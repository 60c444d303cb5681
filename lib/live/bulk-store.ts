import type { BulkInput } from '@/lib/kinds/vm/bulk-action';
import type { BulkItem } from './bulk-item';

/** One bulk run with everything that it takes to go on with it after a reload. */
export interface BulkRecord {
  /** The id of its task. */
  id: string;
  cluster: string;
  actionId: string;
  input: BulkInput;
  /** Changed in place while it runs; `bulkStore.version` tells when. */
  items: BulkItem[];
}

const STORAGE_KEY = 'portlight.bulk';
/** Writing all items takes longer the more there are: at least so often, and a millisecond for so many items. */
const WRITE_MS = 300;
const ITEMS_PER_MS = 5;
/** What a browser's storage holds of items, about. Records of runs before the newest go first. */
const KEPT_ITEMS = 15_000;

/** The bulk runs of this browser tab by the id of their task. A store in the sense of useSyncExternalStore. */
class BulkStore {
  private readonly records = new Map<string, BulkRecord>();
  private readonly versions = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private loaded = false;

  get(id: string): BulkRecord | undefined {
    this.load();
    return this.records.get(id);
  }

  all(): BulkRecord[] {
    this.load();
    return [...this.records.values()];
  }

  /** Grows with every change of a run's items. */
  version(id: string): number {
    return this.versions.get(id) ?? 0;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  put(record: BulkRecord): void {
    this.load();
    this.records.set(record.id, record);
    this.changed(record.id);
  }

  changed(id: string): void {
    this.versions.set(id, this.version(id) + 1);
    this.write();
    for (const listener of [...this.listeners]) listener();
  }

  /** Forgets the runs whose tasks are gone. */
  keepOnly(ids: ReadonlySet<string>): void {
    this.load();
    const gone = [...this.records.keys()].filter((id) => !ids.has(id));
    if (gone.length === 0) return;
    for (const id of gone) this.records.delete(id);
    this.flush();
    for (const listener of [...this.listeners]) listener();
  }

  private write(): void {
    const items = this.all().reduce((sum, record) => sum + record.items.length, 0);
    this.timer ??= setTimeout(() => this.flush(), WRITE_MS + items / ITEMS_PER_MS);
  }

  private flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    let room = KEPT_ITEMS;
    const newestFirst = this.all().reverse();
    const kept = newestFirst
      .filter(({ items }, index) => {
        room -= items.length;
        return index === 0 || room >= 0;
      })
      .reverse();
    try {
      if (kept.length === 0) sessionStorage.removeItem(STORAGE_KEY);
      else sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: the runs then live as long as the page.
    }
  };

  private load(): void {
    if (this.loaded || typeof window === 'undefined') return;
    this.loaded = true;
    for (const record of readStored()) this.records.set(record.id, record);
    window.addEventListener('pagehide', this.flush);
  }
}

function readStored(): BulkRecord[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]');
    // Only this file writes it, and a tab's storage does not outlive the tab.
    return Array.isArray(stored) ? (stored as BulkRecord[]) : [];
  } catch {
    return [];
  }
}

export const bulkStore = new BulkStore();
