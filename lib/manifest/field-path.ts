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

/** The inverse, in the API server's spelling. */
export function fieldPathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (/[./]/.test(step)) return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
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
