const FACTORS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;

/**
 * The number a Kubernetes quantity stands for: `1536Mi` → 1610612736, `250m` → 0.25, `1e3` → 1000.
 * Undefined when absent or not a quantity. Mirrors k8s.io/apimachinery/pkg/api/resource.ParseQuantity.
 */
export function parseQuantity(quantity: string | number | undefined): number | undefined {
  if (quantity === undefined) return undefined;
  if (typeof quantity === 'number') return Number.isFinite(quantity) ? quantity : undefined;
  const match = QUANTITY.exec(quantity.trim());
  if (!match) return undefined;
  if (match[2]) return Number(`${match[1]}${match[2]}`);
  return Number(match[1]) * (FACTORS[match[3] ?? ''] ?? 1);
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** Bytes in the largest binary unit that keeps at most three digits: `1.5 GiB`, `512 MiB`, `1 TiB`. */
export function formatBytes(bytes: number, locale = 'en'): string {
  let value = bytes;
  let unit = 0;
  // 999.5 and not 1024: four digits would be shown otherwise.
  while (Math.abs(value) >= 999.5 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value, locale)} ${BINARY_UNITS[unit]}`;
}

/** A number with at most three significant digits. */
export function formatNumber(value: number, locale = 'en'): string {
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 3, useGrouping: false }).format(value);
}

/** A share between 0 and 1 as whole per cent: `42 %`. */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
