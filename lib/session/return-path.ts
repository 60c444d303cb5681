/** Longer ones are no addresses that a person was at; they only make headers too large. */
const MAX_LENGTH = 2048;
const BASE = 'http://portlight.invalid';
/** Not pages: they act, hand out secrets, or would lead in a circle. */
const NOT_PAGES = /^\/(auth|api|_next|sign-in|start|healthz|readyz|metrics)(\/|$)/i;
// Browsers drop tabs and line breaks from addresses and read "\" as "/", so `/\t/evil` and `/\evil` are other hosts.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u0020\u007f\\]/;

/**
 * Where to go after signing in, as an address that somebody else may have written: always a path of this console,
 * normalised, and `/` for everything else. Whoever redirects to a `return` takes it from here.
 */
export function returnPath(value: unknown): string {
  if (typeof value !== 'string' || value.length > MAX_LENGTH || UNSAFE.test(value)) return '/';
  if (!value.startsWith('/') || value.startsWith('//') || !URL.canParse(value, BASE)) return '/';
  const url = new URL(value, BASE);
  // Dots are resolved by now: `/.//evil` has become `//evil`, which is another host again.
  if (url.origin !== BASE || url.pathname.startsWith('//') || NOT_PAGES.test(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}
