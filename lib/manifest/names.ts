import { isDnsLabel, isDnsSubdomain, LABEL_MAX, SUBDOMAIN_MAX } from '@/lib/k8s/dns-name';
import { type Text, text } from '@/lib/text';

// Kubernetes checks these only as path segments: `system:node` is a good name for a ClusterRole.
const FREE_NAMES = new Set(['rbac.authorization.k8s.io']);
const LABEL_KINDS = new Set(['Namespace', 'Service']);

/** What is wrong with a name for objects of this kind, or undefined. */
export function nameProblem(name: string, group: string, kind: string): Text | undefined {
  if (FREE_NAMES.has(group)) {
    return name === '.' || name === '..' || /[/%]/.test(name)
      ? text('yaml.problem.namePathSegment', { name: shorten(name) })
      : undefined;
  }
  const isLabel = LABEL_KINDS.has(kind) && group === '';
  const limit = isLabel ? LABEL_MAX : SUBDOMAIN_MAX;
  if (name.length > limit) {
    return text('yaml.problem.nameTooLong', { kind, length: name.length, limit });
  }
  if (!(isLabel ? isDnsLabel(name) : isDnsSubdomain(name))) {
    return text(isLabel ? 'yaml.problem.nameNotLabel' : 'yaml.problem.nameNotSubdomain', {
      name: shorten(name),
    });
  }
  return undefined;
}

/** What is wrong with the name of a namespace, or undefined. */
export function namespaceProblem(name: string): Text | undefined {
  return nameProblem(name, '', 'Namespace');
}

function shorten(name: string): string {
  return name.length > 40 ? `${name.slice(0, 39)}…` : name;
}
