import { formatQuantity, parseQuantity, type Quantity } from './quantity';

/** Quantities by resource name, exact. */
export type Amounts = Map<string, Quantity>;

interface Resources {
  requests?: Record<string, string>;
  limits?: Record<string, string>;
}

export interface SizedContainer {
  name: string;
  resources?: Resources;
  restartPolicy?: string;
}

export interface SizedPod {
  containers?: SizedContainer[];
  initContainers?: SizedContainer[];
  overhead?: Record<string, string>;
}

const ZERO: Quantity = { nanos: 0n, format: 'decimal' };

export function amountOf(amounts: Amounts, name: string): Quantity {
  return amounts.get(name) ?? ZERO;
}

export function quantity(value: string | number): Quantity {
  const parsed = parseQuantity(value);
  return 'error' in parsed ? ZERO : parsed;
}

/** Adds as resource.Quantity does: a sum that was zero takes the format of what is added. Edits `amounts`. */
export function add(amounts: Amounts, name: string, more: Quantity): void {
  const known = amounts.get(name);
  const format = !known || known.nanos === 0n ? more.format : known.format;
  amounts.set(name, { nanos: (known?.nanos ?? 0n) + more.nanos, format });
}

export function addCount(amounts: Amounts, name: string, count = 1): void {
  add(amounts, name, quantity(count));
}

/** `a=1,b=2Gi`, sorted, as quota messages list amounts. */
export function amountsText(names: readonly string[], of: (name: string) => Quantity): string {
  return [...names]
    .sort()
    .map((name) => `${name}=${formatQuantity(of(name))}`)
    .join(',');
}

/**
 * What a pod asks for or may take: the sum of its containers and sidecars, or what an init container takes while it
 * runs if that is more, plus the overhead of its runtime. Mirrors PodRequests and PodLimits.
 */
export function podAmounts(spec: SizedPod, field: 'requests' | 'limits'): Amounts {
  const total: Amounts = new Map();
  for (const container of spec.containers ?? []) addAll(total, container.resources?.[field]);
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      addAll(total, container.resources?.[field]);
      addAll(sidecars, container.resources?.[field]);
      raiseTo(peak, sidecars);
    } else {
      const during: Amounts = new Map(sidecars);
      addAll(during, container.resources?.[field]);
      raiseTo(peak, during);
    }
  }
  raiseTo(total, peak);
  addAll(total, spec.overhead);
  return total;
}

function addAll(total: Amounts, more: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(more)) add(total, name, quantity(value));
}

function raiseTo(total: Amounts, floor: Amounts): void {
  for (const [name, value] of floor) {
    if (value.nanos > amountOf(total, name).nanos) total.set(name, value);
  }
}
