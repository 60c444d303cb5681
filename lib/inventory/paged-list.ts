import type { ListMeta } from './watch-events';

const PAGE_SIZE = 500;
/** Where pages are too many for the time that the API keeps a list, they grow up to this. */
const MAX_PAGE_SIZE = 4_000;

/** How far a list has come, to go on after a pause where it stopped. */
export class PagedList {
  listed = 0;
  isComplete = false;
  /**
   * Of its first page: a watch from there on misses nothing, even of a list that had to go on from a later state. Where
   * the API does not remember so far back it says so (410).
   */
  version = '';
  private remaining: number | undefined;
  private token: string | undefined;

  constructor(readonly pageSize: number = PAGE_SIZE) {}

  /** What the next page is asked for with. */
  get query(): { limit: number; continue: string | undefined } {
    return { limit: this.pageSize, continue: this.token };
  }

  get progress(): { listed: number; of?: number } {
    const { listed, remaining } = this;
    return { listed, ...(remaining === undefined ? {} : { of: listed + remaining }) };
  }

  take(metadata: ListMeta, items: number): void {
    this.version ||= metadata.resourceVersion;
    this.listed += items;
    this.token = metadata.continue || undefined;
    this.isComplete = this.token === undefined;
    // The API counts only where nothing is selected.
    this.remaining = this.isComplete ? 0 : metadata.remainingItemCount;
  }

  /** The API no longer has the state that the list began with: goes on from now with the token that it gave, if any. */
  goOnFrom(token: string | undefined): boolean {
    this.token = token;
    return token !== undefined;
  }

  /** A list from the beginning that needs fewer turns. */
  anew(): PagedList {
    return new PagedList(Math.min(this.pageSize * 2, MAX_PAGE_SIZE));
  }
}
