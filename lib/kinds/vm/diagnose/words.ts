import { formatBytes, formatNumber, parseQuantity } from '@/lib/units';

/** How a registry's refusal is to be understood; the words are those of containerd and of CDI's importer. */
export type PullTrouble = 'missing' | 'denied' | 'busy' | 'never' | 'name' | 'unreachable' | 'other';

export function pullTrouble(words: string): PullTrouble {
  if (/ErrImageNeverPull|pull policy of Never/i.test(words)) return 'never';
  if (/InvalidImageName|invalid reference format|couldn't parse image/i.test(words)) return 'name';
  if (/toomanyrequests|\b429\b|rate limit/i.test(words)) return 'busy';
  if (
    /no such host|i\/o timeout|deadline exceeded|connection refused|connection reset|no route to host|network is unreachable|x509|tls:|server misbehaving/i.test(
      words,
    )
  )
    return 'unreachable';
  if (
    /unauthorized|authentication required|\b40[13]\b|forbidden|access denied|insufficient_scope|no basic auth|authorization failed/i.test(
      words,
    )
  )
    return 'denied';
  if (/not found|manifest unknown|name unknown|\b404\b|does not exist/i.test(words)) return 'missing';
  return 'other';
}

/** Why an import by HTTP, S3 or from a registry fails, by the importer's words. */
export type ImportTrouble = 'missing' | 'denied' | 'unreachable' | 'space' | 'format' | 'checksum' | 'other';

export function importTrouble(words: string): ImportTrouble {
  if (/no space left|is larger than|too large|insufficient space|virtual image size/i.test(words))
    return 'space';
  if (/checksum/i.test(words)) return 'checksum';
  if (
    /no such host|i\/o timeout|deadline exceeded|connection refused|connection reset|no route to host|network is unreachable|x509|tls:|Unable to connect to (?!http data source: expected status code)/i.test(
      words,
    )
  )
    return 'unreachable';
  if (
    /got (?:40[13]|407)|\b(?:401|403)\b|unauthorized|forbidden|access denied|authentication required/i.test(
      words,
    )
  )
    return 'denied';
  if (/\b404\b|\b410\b|not found|manifest unknown|NoSuchKey|NoSuchBucket/i.test(words)) return 'missing';
  if (
    /qemu-img|invalid format|unsupported|unable to convert|validation failed|garbled|corrupt|unexpected EOF|invalid header/i.test(
      words,
    )
  )
    return 'format';
  return 'other';
}

/** One reason of the scheduler's, and for how many nodes it counts. */
export interface Objection {
  count: number;
  reason: string;
}

/** Takes apart `0/3 nodes are available: 1 node(s) had …, 2 Insufficient cpu. …`. */
export function objections(message: string): { total: number; reasons: Objection[] } {
  const head = /(\d+)\/(\d+) nodes? (?:is|are) available: (.*)$/s.exec(message);
  if (!head) return { total: 0, reasons: [] };
  const body = (head[3] ?? '').split(/\.\s+(?:no new claims|preemption:)|\bpreemption:/)[0] ?? '';
  const reasons = body.split(/,\s+(?=\d+ )/).flatMap((part): Objection[] => {
    const match = /^(\d+) (.+?)\.?\s*$/s.exec(part.trim());
    return match ? [{ count: Number(match[1]), reason: match[2] ?? '' }] : [];
  });
  // A trouble of the pod itself stands without a number.
  if (reasons.length === 0 && body.trim())
    return { total: Number(head[2]), reasons: [{ count: Number(head[2]), reason: body.trim() }] };
  return { total: Number(head[2]), reasons };
}

/** What a quota has against it: `exceeded quota: team, requested: requests.memory=6Gi, used: …, limited: …`. */
export interface QuotaRefusal {
  quota: string;
  requested: string;
  used: string;
  limited: string;
}

export function quotaRefusal(words: string): QuotaRefusal | undefined {
  const match =
    /exceeded quota: ([^,\s]+), requested: (.*?), used: (.*?), limited: (.*?)(?:$|\n|["'\]])/.exec(words);
  if (!match) return undefined;
  const [, quota = '', requested = '', used = '', limited = ''] = match;
  return { quota, requested: amounts(requested), used: amounts(used), limited: amounts(limited) };
}

/** `requests.memory=605949632` → `requests.memory 578 MiB`. */
function amounts(list: string): string {
  return list
    .split(',')
    .map((pair) => {
      const [name = '', quantity = ''] = pair.split('=');
      const amount = parseQuantity(quantity);
      const isBytes = /memory|storage|hugepages/.test(name) && !name.startsWith('count/');
      return `${name} ${amount === undefined ? quantity : isBytes ? formatBytes(amount) : formatNumber(amount)}`;
    })
    .join(', ');
}

/** The one in quotes after a word, as kubelets write it: `secret "x" not found`. */
export function quotedAfter(words: string, what: string): string | undefined {
  return new RegExp(`${what}\\s+"(?:[^"/]+/)?([^"]+)"`, 'i').exec(words)?.[1];
}
