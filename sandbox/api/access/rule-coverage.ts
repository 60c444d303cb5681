import type { PolicyRule } from '../authorization';

/** The parts of `wanted` that no rule of `held` covers, one verb on one resource (or path) each. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(broken).filter((part) => !held.some((rule) => coversPart(rule, part)));
}

/** Missing rights as a refusal lists them: verbs on one resource together, each rule in Go's notation, sorted. */
export function described(missing: readonly PolicyRule[]): string[] {
  const compacted: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of missing) {
    if (rule.nonResourceURLs?.length) {
      compacted.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = simple.get(key);
    if (known) known.verbs = [...known.verbs, ...rule.verbs];
    else simple.set(key, { ...rule });
  }
  return [...new Set([...compacted, ...simple.values()].map(compactText))].sort();
}

/** Go's `%q` of a list of strings. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

function compactText(rule: PolicyRule): string {
  const parts: [string, string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = parts.flatMap(([name, values]) => (values?.length ? `${name}:${quotedList(values)}` : []));
  return `{${shown.join(', ')}}`;
}

/** A rule as one rule for each combination that it allows. */
function broken(rule: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        const names = rule.resourceNames ?? [];
        parts.push(
          ...(names.length > 0 ? names.map((name) => ({ ...part, resourceNames: [name] })) : [part]),
        );
      }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  return parts;
}

function coversPart(held: PolicyRule, part: PolicyRule): boolean {
  const [verb = ''] = part.verbs;
  if (!held.verbs.includes('*') && !held.verbs.includes(verb)) return false;
  const [url] = part.nonResourceURLs ?? [];
  if (url !== undefined) return (held.nonResourceURLs ?? []).some((known) => coversUrl(known, url));
  const [group = ''] = part.apiGroups ?? [];
  const [resource = ''] = part.resources ?? [];
  const groups = held.apiGroups ?? [];
  if (!groups.includes('*') && !groups.includes(group)) return false;
  if (!coversResource(held.resources ?? [], resource)) return false;
  const names = held.resourceNames ?? [];
  const [name] = part.resourceNames ?? [];
  return names.length === 0 || (name !== undefined && names.includes(name));
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes('*') || held.includes(resource)) return true;
  const [, subresource] = resource.split(/\/(.*)/s);
  return subresource !== undefined && held.includes(`*/${subresource}`);
}

function coversUrl(held: string, url: string): boolean {
  return held === '*' || held === url || (held.endsWith('*') && url.startsWith(held.slice(0, -1)));
}
