import { isJsonObject } from '@/lib/k8s/json';

/** A value that a template leaves open, as `template.kubevirt.io` spells it. */
export interface Parameter {
  name: string;
  displayName?: string;
  description?: string;
  value?: string;
  generate?: 'expression';
  /** What `generate` follows: `[a-z0-9]{16}`. */
  from?: string;
  required?: boolean;
}

/** Random bytes; Web Crypto where nobody says otherwise. */
export type Random = (bytes: number) => Uint8Array;

const webCrypto: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

/** The parameters of a list that somebody wrote; what is none is left out. */
export function readParameters(list: unknown): Parameter[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isJsonObject).flatMap((each): Parameter[] => {
    const word = (key: string) => (typeof each[key] === 'string' ? { [key]: each[key] } : {});
    const name = typeof each.name === 'string' ? each.name : '';
    if (!/^\w+$/.test(name)) return [];
    return [
      {
        name,
        ...word('displayName'),
        ...word('description'),
        ...word('value'),
        ...word('from'),
        ...(each.generate === 'expression' ? { generate: 'expression' as const } : {}),
        ...(each.required === true ? { required: true } : {}),
      },
    ];
  });
}

const CLASSES: Record<string, string> = {
  w: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_',
  d: '0123456789',
  a: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  A: '~!@#$%^&*()-_+={}[]\\|<,>.?/"\';:`',
};
const MAX_REPEAT = 255;
const PIECE = /\[((?:\\.|[^\]\\])+)\](?:\{(\d+)\})?/g;

/**
 * A text made by a pattern: `[a-z]`, `[A-Z0-9]`, `\w`, `\d`, `\a` (letters and digits) and `\A` (signs) inside brackets,
 * with `{n}` for how many; all else stands as it is. As OpenShift's and KubeVirt's templates have it.
 */
export function generateFrom(pattern: string, random: Random = webCrypto): string {
  return pattern.replace(PIECE, (_, inside: string, repeat: string | undefined) => {
    const letters = lettersOf(inside);
    if (letters.length === 0) return '';
    const wanted = Math.min(Number(repeat ?? 1), MAX_REPEAT);
    return pick(letters, wanted, random);
  });
}

function lettersOf(inside: string): string {
  const letters = new Set<string>();
  for (const [, escaped, from, to, one] of inside.matchAll(/\\(.)|(.)-(.)|(.)/g)) {
    if (escaped !== undefined) for (const letter of CLASSES[escaped] ?? escaped) letters.add(letter);
    else if (from !== undefined && to !== undefined) {
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1)
        letters.add(String.fromCharCode(code));
    } else if (one !== undefined) letters.add(one);
  }
  return [...letters].join('');
}

function pick(letters: string, wanted: number, random: Random): string {
  // Bytes beyond the last whole multiple of the alphabet would favour its beginning.
  const limit = 256 - (256 % letters.length);
  let made = '';
  while (made.length < wanted) {
    for (const byte of random(64)) {
      if (byte < limit && made.length < wanted) made += letters[byte % letters.length] ?? '';
    }
  }
  return made;
}

/** What each parameter is by itself: its value, or one that is generated. */
export function firstValues(
  parameters: readonly Parameter[],
  random: Random = webCrypto,
): Map<string, string> {
  return new Map(
    parameters.map(({ name, value, generate, from }) => [
      name,
      value || (generate && from ? generateFrom(from, random) : ''),
    ]),
  );
}

/** Puts values in the places of `${NAME}`; `${{NAME}}` alone gives a number or a truth instead of text. */
export function filled(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => filled(each, values));
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, values)]));
  }
  if (typeof value !== 'string') return value;
  const whole = /^\$\{\{(\w+)\}\}$/.exec(value);
  const typed = whole?.[1] === undefined ? undefined : values.get(whole[1]);
  if (typed !== undefined) return /^(true|false|-?\d+(\.\d+)?)$/.test(typed) ? JSON.parse(typed) : typed;
  return value.replace(/\$\{(\w+)\}/g, (place, name: string) => values.get(name) ?? place);
}
