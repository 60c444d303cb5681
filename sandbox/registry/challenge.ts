export interface Challenge {
  scheme: 'basic' | 'bearer';
  parameters: Record<string, string>;
}

/** Reads a `WWW-Authenticate` header (RFC 9110): the schemes that this client knows, in its order. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let current: Challenge | undefined;
  // A scheme is a word that no `=` follows; everything else is a parameter of the scheme before it.
  const word = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;
  for (const [, name = '', quoted, plain] of header.matchAll(word)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
    const scheme = name.toLowerCase();
    if (value !== undefined) {
      if (current) current.parameters[scheme] = value;
    } else {
      current = scheme === 'basic' || scheme === 'bearer' ? { scheme, parameters: {} } : undefined;
      if (current) challenges.push(current);
    }
  }
  return challenges;
}
