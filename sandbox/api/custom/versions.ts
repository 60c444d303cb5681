const PATTERN = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STAGES = { alpha: 0, beta: 1, stable: 2 };

/**
 * Orders versions as Kubernetes prefers them: v2, v1, v1beta2, v1alpha1, and what is no such version last, by name.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [ranks(a), ranks(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  for (const [index, rank] of left.entries()) {
    const difference = (right[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return 0;
}

function ranks(version: string): number[] | undefined {
  const match = PATTERN.exec(version);
  if (!match) return undefined;
  const [, major, stage = 'stable', minor = '0'] = match;
  return [STAGES[stage as keyof typeof STAGES], Number(major), Number(minor)];
}
