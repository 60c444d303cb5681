import { text } from '@/lib/text';
import type { Finding } from './check';
import type { Path } from './field-path';
import { groupOf, isMapping, type Manifest } from './manifest';

/** The grammar of apimachinery's `resource.ParseQuantity`. */
const QUANTITY = /^[+-]?(\d+|\d+\.\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** Groups whose `resources` and `memory` mean Kubernetes' quantities; others may mean something else by them. */
const GROUPS = new Set(['', 'apps', 'batch', 'kubevirt.io', 'cdi.kubevirt.io', 'instancetype.kubevirt.io']);

/**
 * Finds amounts that can't be read, such as `lots` or `2 GB`. The server refuses them without saying where they
 * stand: "quantities must match the regular expression …".
 */
export function checkQuantities(manifest: Manifest): Finding[] {
  if (!GROUPS.has(groupOf(manifest.apiVersion))) return [];
  const found: Finding[] = [];
  walk(manifest.object.spec, ['spec'], found);
  return found;
}

function walk(value: unknown, path: Path, found: Finding[]): void {
  if (Array.isArray(value)) for (const [index, each] of value.entries()) walk(each, [...path, index], found);
  if (!isMapping(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key];
    if (key === 'resources' && isMapping(inner)) {
      checkAmounts(inner.requests, [...at, 'requests'], found);
      checkAmounts(inner.limits, [...at, 'limits'], found);
    } else if (key === 'memory' && isMapping(inner)) {
      const { guest, maxGuest } = inner;
      checkAmounts({ guest, maxGuest }, at, found);
    } else walk(inner, at, found);
  }
}

function checkAmounts(amounts: unknown, path: Path, found: Finding[]): void {
  if (!isMapping(amounts)) return;
  for (const [key, amount] of Object.entries(amounts)) {
    if (amount === undefined || amount === null || typeof amount === 'number') continue;
    if (typeof amount === 'string' && QUANTITY.test(amount)) continue;
    const shown = typeof amount === 'string' ? amount : JSON.stringify(amount);
    found.push({
      severity: 'error',
      message: text('yaml.problem.notQuantity', { amount: shown.slice(0, 40) }),
      path: [...path, key],
    });
  }
}
