import type { Sent } from '../api/generator';

/** When which change was seen somewhere. A newer change of the same VM shows that an older one is past. */
export class Marks {
  private readonly seen = new Map<string, { number: number; came: number }[]>();

  see(vm: string, number: number, came: number): void {
    const known = this.seen.get(vm);
    if (known) known.push({ number, came });
    else this.seen.set(vm, [{ number, came }]);
  }

  /** For each change the time from when it was due until it, or a later one of its VM, was there. */
  waits(sent: readonly Sent[]): { waits: number[]; lost: number } {
    const waits = sent.flatMap(({ vm, number, at }) => {
      const shown = this.seen.get(vm)?.find((each) => each.number >= number);
      return shown ? [shown.came - at] : [];
    });
    return { waits, lost: sent.length - waits.length };
  }
}
