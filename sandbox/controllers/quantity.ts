import { formatQuantity, parseQuantity as parseExactly } from '../api/admission/quantity';

const NANOS_PER_UNIT = 1e9;

/** A Kubernetes quantity (`1Gi`, `500m`, `2e3`) in its base unit: bytes, cores, pieces. Unreadable ones count 0. */
export function parseQuantity(quantity: string | number | undefined): number {
  if (quantity === undefined) return 0;
  const parsed = parseExactly(quantity);
  return 'error' in parsed ? 0 : Number(parsed.nanos) / NANOS_PER_UNIT;
}

/** Bytes, rounded up, as resource.Quantity prints BinarySI. */
export function formatBytes(bytes: number): string {
  return formatQuantity({ nanos: BigInt(Math.ceil(bytes)) * BigInt(NANOS_PER_UNIT), format: 'binary' });
}
