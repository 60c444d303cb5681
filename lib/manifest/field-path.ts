/** Steps from an object's root to a field: map keys and list indexes. */
export type Path = readonly (string | number)[];

/**
 * Reads a field as the API server and KubeVirt's webhooks write it: `spec.volumes[1].name`,
 * `metadata.labels[app.kubernetes.io/name]`, `.spec.runStrategy`. Map keys that hold dots and stand outside
 * brackets come apart; `locate` joins them again.
 */
export function parseFieldPath(field: string): Path {
  const steps: (string | number)[] = [];
  for (const match of field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    const inBrackets = match[1];
    if (inBrackets === undefined) steps.push(match[2] ?? '');
    else if (/^\d+$/.test(inBrackets)) steps.push(Number(inBrackets));
    else steps.push(inBrackets.replace(/^"(.*)"$/, '$1'));
  }
  return steps;
}

/** A step into an object: a key, an index, or the entry of a list that has this name. */
export type Step = string | number | { name: string };
export type StepPath = readonly Step[];

/** The inverse, in the API server's spelling; an entry known by its name has it in brackets. */
export function fieldPathText(path: StepPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (typeof step === 'object') return `[${step.name}]`;
      if (/[./]/.test(step)) return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** What stands at a field or, when it is missing, at its nearest existing parent: as JSON, to compare later. */
export function valueNear(root: unknown, path: Path): string {
  let value = root;
  let rest = path;
  while (rest.length > 0) {
    const step = childAt(value, rest);
    if (!step) break;
    value = step.value;
    rest = rest.slice(step.used);
  }
  return JSON.stringify(value) ?? '';
}

function childAt(value: unknown, rest: Path): { value: unknown; used: number } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    const index = typeof rest[0] === 'number' ? rest[0] : Number.NaN;
    return index in value ? { value: value[index], used: 1 } : undefined;
  }
  const keys = Object.keys(value);
  for (let used = 1; used <= rest.length; used += 1) {
    const wanted = rest.slice(0, used).join('.').toLowerCase();
    const key = keys.find((candidate) => candidate.toLowerCase() === wanted);
    if (key !== undefined) return { value: (value as Record<string, unknown>)[key], used };
  }
  return undefined;
}

const ROOTS = 'spec|metadata|data|stringData|status|apiVersion|kind';
const IN_WORDS = [
  // Go's decoder: `json: cannot unmarshal number -1 into Go struct field T.spec.template.spec.domain.cpu.cores of type uint32`
  /Go struct field \w+\.([\w.[\]]+)/,
  // Strict and warning decoding: `unknown field "spec.template.spec.domain.warpDrive"`
  /(?:unknown|duplicate) field "([^"]+)"/,
  new RegExp(`(?<![\\w.])((?:${ROOTS})(?:\\.[A-Za-z0-9_-]+|\\[[^\\]\\s]*\\])+)`),
  // `metadata.name: Invalid value` is caught above; single words only where a message starts with them.
  new RegExp(`^((?:${ROOTS})): `),
];

/**
 * The field that a server's sentence speaks of, for refusals that name none in `causes[].field`
 * (KubeVirt's mutator: `spec.template in body is required`; deprecations: `spec.running is deprecated`).
 */
export function fieldInWords(message: string): string | undefined {
  for (const pattern of IN_WORDS) {
    const found = pattern.exec(message)?.[1];
    if (found) return found.replace(/\.$/, '');
  }
  return undefined;
}
