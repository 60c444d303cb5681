import type { KubeObject } from './objects';

/** Characters of JSON kept for objects that were just written or read one by one. */
const KEPT_CHARACTERS = 48 * 1024 * 1024;

/** Texts made from objects, the youngest of them up to a limit: a list of a whole cluster must not stay in memory. */
export class RecentTexts {
  private readonly texts = new Map<KubeObject, string>();
  private characters = 0;

  constructor(private readonly limit: number) {}

  /** The text of this very version, made at most once while it is remembered. */
  of(object: KubeObject, make: (object: KubeObject) => string): string {
    const known = this.texts.get(object);
    if (known !== undefined) return known;
    const text = make(object);
    this.texts.set(object, text);
    this.characters += text.length;
    if (this.characters > this.limit) this.forgetOldest();
    return text;
  }

  peek(object: KubeObject): string | undefined {
    return this.texts.get(object);
  }

  private forgetOldest(): void {
    for (const [object, text] of this.texts) {
      if (this.characters <= this.limit * 0.75) return;
      this.texts.delete(object);
      this.characters -= text.length;
    }
  }
}

const recent = new RecentTexts(KEPT_CHARACTERS);

/** The object as JSON, shared by journal, reads and watches for as long as it is young. */
export function jsonOf(object: KubeObject): string {
  return recent.of(object, JSON.stringify);
}

/** The object as JSON for somebody who reads many: what is not at hand is made and not kept. */
export function passingJson(object: KubeObject): string {
  return recent.peek(object) ?? JSON.stringify(object);
}
