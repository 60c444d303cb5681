/** Chance that can be repeated: equal seeds give equal sequences (mulberry32). */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From 0 up to, not including, `below`. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    // The index is below the length; an empty list is a mistake of the generator.
    return from[this.int(from.length)] as T;
  }

  /** Any bytes, one per character. */
  bytes(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(this.int(256))).join('');
  }

  /** A text with a few of its characters exchanged, doubled, left out or cut off. */
  mutate(text: string): string {
    const at = this.int(text.length + 1);
    return this.pick([
      () => text.slice(0, at),
      () => text.slice(0, at) + this.bytes(1 + this.int(4)) + text.slice(at),
      () => text.slice(0, at) + text.slice(at + 1),
      () => text.slice(0, at) + text.slice(Math.max(0, at - 8)),
    ])();
  }

  /** A text in up to five pieces. */
  split(text: string): string[] {
    const cuts = Array.from({ length: this.int(5) }, () => this.int(text.length)).sort((a, b) => a - b);
    return [0, ...cuts].map((from, index) => text.slice(from, cuts[index] ?? text.length)).filter(Boolean);
  }
}
