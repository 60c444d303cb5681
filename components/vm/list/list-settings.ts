import {
  type ChosenColumn,
  DEFAULT_VM_COLUMNS,
  formatVmColumns,
  parseVmColumns,
} from '@/lib/kinds/vm/columns';

export const DENSITIES = ['compact', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

/** How somebody likes to have the list. */
export interface ListSettings {
  columns: readonly ChosenColumn[];
  density: Density;
}

/** A cookie and not local storage: the first HTML has the right columns already, and nothing jumps. */
export const LIST_COOKIE = 'vm-list';
/** The parameter of the list's address. */
export const COLUMNS_PARAM = 'cols';

const KEPT_S = 365 * 24 * 3600;

/** Reads the cookie's value; what is absent or not understood is as for everybody. */
export function parseListSettings(cookie: string | undefined): ListSettings {
  const params = new URLSearchParams(cookie ?? '');
  const density = DENSITIES.find((name) => name === params.get('density')) ?? 'compact';
  return { columns: parseVmColumns(params.get(COLUMNS_PARAM)) ?? DEFAULT_VM_COLUMNS, density };
}

/** The inverse of `parseListSettings`. */
export function formatListSettings({ columns, density }: ListSettings): string {
  const params = new URLSearchParams();
  const text = formatVmColumns(columns);
  if (text) params.set(COLUMNS_PARAM, text);
  if (density !== 'compact') params.set('density', density);
  return params.toString();
}

/** Remembers them in this browser. */
export function keepListSettings(settings: ListSettings): void {
  const value = encodeURIComponent(formatListSettings(settings));
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is for secure origins only
  document.cookie = `${LIST_COOKIE}=${value}; path=/; max-age=${KEPT_S}; samesite=lax`;
}
