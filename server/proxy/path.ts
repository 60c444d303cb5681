const PREFIX = '/api/k8s/';
const MAX_URL_LENGTH = 8_192;

export interface ProxyTarget {
  cluster: string;
  /** The path below the API server's root, exactly as it was sent. */
  path: string;
  /** Empty, or from the question mark on. */
  query: string;
}

export function isProxyUrl(url: string): boolean {
  return url.startsWith(PREFIX);
}

/**
 * Splits `/api/k8s/<cluster>/<path>?<query>` of the request line. Nothing is normalised: what could be read as another
 * path further on (dot segments, encoded slashes, dots or percent signs) is refused, and the rest passes unchanged.
 * Kubernetes names cannot contain any of these.
 */
export function parseProxyUrl(url: string): ProxyTarget | { problem: string } {
  if (url.length > MAX_URL_LENGTH) return { problem: `The URL is longer than ${MAX_URL_LENGTH} characters.` };
  if (!isProxyUrl(url)) return { problem: 'The URL is not below /api/k8s/.' };
  const questionMark = url.indexOf('?');
  const whole = questionMark < 0 ? url : url.slice(0, questionMark);
  const query = questionMark < 0 ? '' : url.slice(questionMark);
  const slash = whole.indexOf('/', PREFIX.length);
  const cluster = decode(whole.slice(PREFIX.length, slash < 0 ? undefined : slash));
  // A fragment never travels, and other characters would be encoded by one program and cut off by the next.
  if (!/^[!-"$-~]*$/.test(query)) return { problem: 'The query has characters that no URL has.' };
  if (!cluster) return { problem: 'The URL names no cluster.' };
  const path = slash < 0 ? '/' : whole.slice(slash);
  if (!isPlain(path)) return { problem: `The path ${path} is not one that the Kubernetes API has.` };
  return { cluster, path, query };
}

function isPlain(path: string): boolean {
  // The characters of RFC 3986's path, of which an escape may hide no slash, dot, percent sign or control character.
  if (!/^[\w\-.~!$&'()*+,;=:@%/]*$/.test(path)) return false;
  if (/%(?![0-9a-f]{2})/i.test(path) || /%(2e|2f|5c|25|[01][0-9a-f]|7f)/i.test(path)) return false;
  const segments = path.slice(1).split('/');
  // An empty last segment is a slash at the end, which discovery clients send.
  return segments.every(
    (segment, index) =>
      segment !== '.' && segment !== '..' && (segment !== '' || index === segments.length - 1),
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
