// The texts of k8s.io/apimachinery/pkg/util/validation, which users meet in every refusal of a name or label.

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const tooLong = (max: number) => `must be no more than ${max} bytes`;

function shape(text: string, pattern: string, ...examples: string[]): string {
  const quoted = examples.map((example) => `'${example}'`).join(',  or ');
  return `${text} (e.g. ${quoted}, regex used for validation is '${pattern}')`;
}

function check(value: string, max: number, pattern: string, message: string): string[] {
  const found: string[] = [];
  if (value.length > max) found.push(tooLong(max));
  if (!whole(pattern).test(value)) found.push(message);
  return found;
}

const LABEL_TEXT = shape(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
);
const SUBDOMAIN_TEXT = shape(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
);
const QUALIFIED_TEXT = shape(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  'MyName',
  'my.name',
  '123-abc',
);
/** What is wrong with a DNS-1123 label (namespaces, disks, hostnames); empty when nothing is. */
export const dnsLabelErrors = (value: string) => check(value, 63, LABEL, LABEL_TEXT);

/** What is wrong with a DNS-1123 subdomain (the names of most objects). */
export const dnsSubdomainErrors = (value: string) => check(value, 253, SUBDOMAIN, SUBDOMAIN_TEXT);

/** What is wrong with a qualified name: the key of a label or annotation, the name of a finalizer. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const text = QUALIFIED_TEXT.replace(/^must/, 'a qualified name must');
    return [`${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [first = '', second] = parts;
  const found: string[] = [];
  if (second !== undefined) {
    if (first === '') found.push('prefix part must be non-empty');
    else found.push(...dnsSubdomainErrors(first).map((text) => `prefix part ${text}`));
  }
  const name = second ?? first;
  if (name === '') found.push('name part must be non-empty');
  else if (name.length > 63) found.push(`name part ${tooLong(63)}`);
  if (!whole(QUALIFIED).test(name)) found.push(`name part ${QUALIFIED_TEXT}`);
  return found;
}

/** What is wrong with a port's name (IANA service name). */
export function portNameErrors(value: string): string[] {
  const found: string[] = [];
  if (value.length > 15) found.push(tooLong(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) found.push('must contain at least one letter (a-z)');
  if (value.includes('--')) found.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(value)) found.push('must not begin or end with a hyphen');
  return found;
}
