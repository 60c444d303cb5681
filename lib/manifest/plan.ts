import type { Found } from '@/lib/k8s/discovery';
import type { Resource } from '@/lib/k8s/resource';
import { type Text, text } from '@/lib/text';
import type { Manifest } from './manifest';
import type { Problem } from './problem';
import { placeIn, type Reading } from './read';

/** One object, with where it will be sent. */
export interface Step {
  manifest: Manifest;
  resource: Resource;
  /** Undefined for objects of the whole cluster. */
  namespace: string | undefined;
}

export interface Plan {
  steps: Step[];
  /** What the cluster's discovery has to say about the manifests. */
  problems: Problem[];
  /** Namespaces that steps need and no earlier step makes, in order. */
  namespaces: string[];
}

/** Key of `found` in `planManifests`. */
export function typeKey(manifest: Pick<Manifest, 'apiVersion' | 'kind'>): string {
  return `${manifest.apiVersion} ${manifest.kind}`;
}

/**
 * Works out where each manifest goes. `found` holds discovery's answer per `typeKey`; manifests whose answer is
 * missing are left out.
 */
export function planManifests(
  reading: Reading,
  found: ReadonlyMap<string, Found>,
  defaultNamespace: string,
): Plan {
  const plan: Plan = { steps: [], problems: [], namespaces: [] };
  const made = new Set<string>();
  const note = (manifest: Manifest, severity: Problem['severity'], message: Text, ...path: string[]) =>
    plan.problems.push({
      severity,
      message,
      document: manifest.document.index,
      range: placeIn(reading, manifest, path),
    });
  for (const manifest of reading.manifests) {
    const answer = found.get(typeKey(manifest));
    if (!answer) continue;
    if (!answer.found) {
      note(
        manifest,
        'error',
        unknownType(manifest, answer),
        answer.missing === 'kind' ? 'kind' : 'apiVersion',
      );
      continue;
    }
    const { resource } = answer;
    if (!resource.namespaced && manifest.namespace) {
      note(
        manifest,
        'warning',
        text('yaml.problem.notNamespaced', { kind: manifest.kind }),
        'metadata',
        'namespace',
      );
    }
    const namespace = resource.namespaced ? (manifest.namespace ?? defaultNamespace) : undefined;
    plan.steps.push({ manifest, resource, namespace });
    if (resource.group === '' && resource.kind === 'Namespace') made.add(manifest.name);
    else if (namespace && !made.has(namespace) && !plan.namespaces.includes(namespace)) {
      plan.namespaces.push(namespace);
    }
  }
  return plan;
}

function unknownType(manifest: Manifest, answer: Found & { found: false }): Text {
  const { apiVersion, kind } = manifest;
  if (answer.missing === 'group') return text('yaml.problem.unknownGroup', { apiVersion, kind });
  if (answer.missing === 'version') {
    return text('yaml.problem.unknownVersion', { apiVersion, versions: answer.versions.join(', ') });
  }
  return answer.similar.length > 0
    ? text('yaml.problem.unknownKindSimilar', { apiVersion, kind, similar: answer.similar.join(', ') })
    : text('yaml.problem.unknownKind', { apiVersion, kind });
}

/** So many objects of a kind in one place; `namespace` is undefined for those of the whole cluster. */
export interface Group {
  count: number;
  /** The kind in the number that fits the count: `2 VirtualMachines`. */
  kinds: string;
  namespace: string | undefined;
}

/** What the steps make, for a sentence: the new namespaces first, then by namespace in order of appearance. */
export function summarize(steps: readonly Step[], newNamespaces: readonly string[]): Group[] {
  const counts = new Map<string, { count: number; kind: string; namespace: string | undefined }>();
  const add = (kind: string, namespace: string | undefined) => {
    const key = `${namespace ?? ''}/${kind}`;
    const entry = counts.get(key) ?? { count: 0, kind, namespace };
    entry.count += 1;
    counts.set(key, entry);
  };
  for (const _name of newNamespaces) add('Namespace', undefined);
  for (const { manifest, namespace } of steps) add(manifest.kind, namespace);
  return [...counts.values()].map(({ count, kind, namespace }) => ({
    count,
    kinds: count === 1 ? kind : pluralKind(kind),
    namespace,
  }));
}

function pluralKind(kind: string): string {
  if (/(s|x|ch|sh)$/.test(kind)) return `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
