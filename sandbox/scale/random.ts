import { createHash } from 'node:crypto';

const HEX = '0123456789abcdef';
/** The letters of the apiserver's generated names. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Repeatable chance: the same seed and topic give the same numbers, whatever else was drawn before. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** `topic` separates what is decided from one seed, e.g. the number of a machine. */
  constructor(seed: number, topic: string | number) {
    const digest = createHash('md5').update(`${seed}/${topic}`).digest();
    this.a = digest.readInt32LE(0);
    this.b = digest.readInt32LE(4);
    this.c = digest.readInt32LE(8);
  }

  /** In [0, 1). The generator is sfc32. */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` up to and with `high`. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const found = choices[Math.floor(this.next() * choices.length)];
    if (found === undefined) throw new Error('There is nothing to choose from');
    return found;
  }

  /** One of the choices, as often as its weight says. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let left = this.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return this.pick(choices)[0];
  }

  hex(digits: number): string {
    let text = '';
    for (let index = 0; index < digits; index += 1) text += HEX[Math.floor(this.next() * 16)];
    return text;
  }

  /** The end of a generated name. */
  suffix(letters = 5): string {
    let text = '';
    for (let index = 0; index < letters; index += 1)
      text += NAME_LETTERS[Math.floor(this.next() * NAME_LETTERS.length)];
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const variant = HEX[8 + Math.floor(this.next() * 4)];
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }

  /** A locally administered unicast address with KubeVirt's prefix. */
  mac(): string {
    return ['02', this.hex(2), this.hex(2), this.hex(2), this.hex(2), this.hex(2)].join(':');
  }
}
