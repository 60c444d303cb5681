/** `resource.ErrFormatWrong` of Kubernetes, the text that every malformed quantity gets. */
export const QUANTITY_FORMAT_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix";

const NANO = 1_000_000_000n;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** A parsed quantity: exact to the nano, rounded up as Kubernetes does. */
export interface Quantity {
  nanos: bigint;
  format: 'binary' | 'decimal' | 'exponent';
}

/** Parses what Kubernetes calls a Quantity (`128Mi`, `0.5`, `1e3`, or a JSON number). The error is Kubernetes' text. */
export function parseQuantity(value: string | number): Quantity | { error: string } {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*)([-+]?\d*)$/.exec(String(value).trim());
  if (!match) return { error: QUANTITY_FORMAT_ERROR };
  const [, sign, whole = '', fraction = '', letters = '', digits = ''] = match;
  if (!whole && !fraction) return { error: QUANTITY_FORMAT_ERROR };
  const suffix = letters + digits;
  const scale = scaleOf(suffix);
  if (!scale) return { error: suffix ? QUANTITY_SUFFIX_ERROR : QUANTITY_FORMAT_ERROR };
  const numerator = BigInt(whole + fraction) * NANO * scale.factor;
  const denominator = 10n ** BigInt(fraction.length) * scale.divisor;
  const nanos = (numerator + denominator - 1n) / denominator;
  return { nanos: sign === '-' ? -nanos : nanos, format: scale.format };
}

function scaleOf(
  suffix: string,
): { factor: bigint; divisor: bigint; format: Quantity['format'] } | undefined {
  const binary = suffix === '' ? -1 : BINARY.indexOf(suffix);
  if (binary > 0) return { factor: 1024n ** BigInt(binary), divisor: 1n, format: 'binary' };
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return { ...power(3 * (decimal - 3)), format: 'decimal' };
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix);
  const tens = exponent ? Number(exponent[1]) : Number.NaN;
  return Math.abs(tens) <= 30 ? { ...power(tens), format: 'exponent' } : undefined;
}

const power = (tens: number) => ({
  factor: tens > 0 ? 10n ** BigInt(tens) : 1n,
  divisor: tens < 0 ? 10n ** BigInt(-tens) : 1n,
});

/** The canonical spelling in which the API gives a quantity back: `1024Mi` is `1Gi`, `0.5` is `500m`. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const small = nanos > -1024n * NANO && nanos < 1024n * NANO;
  if (format === 'binary' && !small) {
    const [count, steps] = reduce(ceilDiv(nanos, NANO), 1024n, BINARY.length - 1);
    return `${count}${BINARY[steps]}`;
  }
  const [count, steps] = reduce(nanos, 1000n, DECIMAL.length - 1);
  if (format === 'exponent') return steps === 3 ? `${count}` : `${count}e${3 * (steps - 3)}`;
  return `${count}${DECIMAL[steps]}`;
}

function reduce(value: bigint, base: bigint, maxSteps: number): [bigint, number] {
  let steps = 0;
  let count = value;
  while (steps < maxSteps && count % base === 0n) {
    count /= base;
    steps += 1;
  }
  return [count, steps];
}

const ceilDiv = (value: bigint, by: bigint) =>
  value > 0n && value % by !== 0n ? value / by + 1n : value / by;

/** Canonical spelling, or the text itself where it is no quantity. */
export function canonicalQuantity(value: string | number): string {
  const parsed = parseQuantity(value);
  return 'error' in parsed ? String(value) : formatQuantity(parsed);
}

/** Whole units, rounded up (bytes, CPUs); 0 for what is absent or malformed, as Go's zero value does. */
export function quantityValue(value: string | number | undefined): number {
  if (value === undefined) return 0;
  const parsed = parseQuantity(value);
  return 'error' in parsed ? 0 : Number(ceilDiv(parsed.nanos, NANO));
}

/** Thousandths, rounded up; 0 for what is absent or malformed. */
export function quantityMilli(value: string | number | undefined): number {
  if (value === undefined) return 0;
  const parsed = parseQuantity(value);
  return 'error' in parsed ? 0 : Number(ceilDiv(parsed.nanos, 1_000_000n));
}
