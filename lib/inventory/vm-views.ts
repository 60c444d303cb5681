import type { VmRow } from '@/lib/kinds/vm/row';
import { countTones, type VmCounts } from '@/lib/kinds/vm/status';
import type { LiveReading, LiveSource } from './live-source';

/** The first rows of an answer, and how many there are in all: for whoever shows a few of each cluster. */
export class FirstRowsSource implements LiveSource {
  private from: VmRow[] | undefined;
  private first: VmRow[] = [];

  constructor(
    private readonly source: LiveSource,
    private readonly limit: number,
  ) {}

  onChange(listener: () => void): () => void {
    return this.source.onChange(listener);
  }

  read(): LiveReading {
    const reading = this.source.read();
    const { vms = [] } = reading;
    if (vms !== this.from) {
      const next = vms.slice(0, this.limit);
      // The same rows stay the same array, so that what changes far below is no news.
      const isSame = next.length === this.first.length && next.every((row, at) => row === this.first[at]);
      if (!isSame) this.first = next;
      this.from = vms;
    }
    return { ...reading, vms: this.first, total: vms.length };
  }
}

/** How many VMs there are of each tone. */
export class CountsSource implements LiveSource {
  private from: VmRow[] | undefined;
  private counts: VmCounts | undefined;

  constructor(private readonly source: LiveSource) {}

  onChange(listener: () => void): () => void {
    return this.source.onChange(listener);
  }

  read(): LiveReading {
    const { vms = [], feed, loaded } = this.source.read();
    if (vms !== this.from || !this.counts) {
      this.counts = countTones(vms);
      this.from = vms;
    }
    return { loaded, feed, counts: this.counts };
  }
}
