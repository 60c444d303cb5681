import type { KubeObject } from './objects';

/** What is left of one resource in a namespace that is being deleted. */
export interface Remainder {
  plural: string;
  group: string;
  objects: readonly KubeObject[];
}

interface Condition {
  type: string;
  status: 'True' | 'False';
  lastTransitionTime: string;
  reason: string;
  message: string;
}

/**
 * `status.conditions` of a namespace on its way out, as its controller writes them: nothing failed, and what remains,
 * by resource and by finalizer. Times of conditions that stay as they were are kept.
 */
export function deletionConditions(
  remainders: readonly Remainder[],
  known: readonly unknown[],
  now: string,
): Condition[] {
  const left = remainders.filter(({ objects }) => objects.length > 0);
  const resources = left
    .map(({ plural, group, objects }) => `${plural}.${group} has ${objects.length} resource instances`)
    .sort();
  const holders = new Map<string, number>();
  for (const { metadata } of left.flatMap(({ objects }) => objects)) {
    for (const name of metadata.finalizers ?? []) holders.set(name, (holders.get(name) ?? 0) + 1);
  }
  const finalizers = [...holders].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const told: [string, boolean, string, string][] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    resources.length > 0
      ? [
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${resources.join(', ')}`,
        ]
      : ['NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'],
    finalizers.length > 0
      ? [
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
        ]
      : [
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ];
  return told.map(([type, is, reason, message]) => {
    const status = is ? 'True' : 'False';
    const before = (known as Condition[]).find((condition) => condition.type === type);
    const same = before?.status === status && before.reason === reason && before.message === message;
    return { type, status, lastTransitionTime: same ? before.lastTransitionTime : now, reason, message };
  });
}
