/** `meta/v1 LabelSelector`. */
export interface LabelSelection {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Whether labels satisfy a selector; an absent one selects nothing, an empty one everything. */
export function selects(selector: LabelSelection | undefined, labels: Record<string, string> = {}): boolean {
  if (!selector) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const found = labels[key];
      if (operator === 'In') return found !== undefined && values.includes(found);
      if (operator === 'NotIn') return found === undefined || !values.includes(found);
      return operator === 'Exists' ? found !== undefined : found === undefined;
    })
  );
}

/** The selector as labels.Selector prints it, which is what `scale` reports and clients send back. */
export function selectionText(selector: LabelSelection | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const set = `(${[...values].sort().join(',')})`;
    if (operator === 'In') parts.push(`${key} in ${set}`);
    else if (operator === 'NotIn') parts.push(`${key} notin ${set}`);
    else parts.push(operator === 'Exists' ? key : `!${key}`);
  }
  return parts.sort().join(',');
}
