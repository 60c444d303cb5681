import type { JsonObject } from '@/lib/k8s/json';
import { wordAt } from '@/lib/k8s/json';
import type { Step } from '@/lib/manifest/plan';
import { typeKey } from '@/lib/manifest/plan';
import { inOrder } from '../create-order';
import type { Member } from './batch';

/**
 * The steps of one VM of several, after those of the VM that they were made of. Namespaces are no VM's own: they are
 * made once, before the first.
 */
export function stepsOf({ draft }: Member, base: readonly Step[], namespace: string): Step[] {
  const kinds = new Map(base.map((step) => [typeKey(step.manifest), step]));
  return inOrder(
    [draft.vm, ...draft.others].flatMap((object, index): Step[] => {
      const like = kinds.get(typeKey({ apiVersion: word(object, 'apiVersion'), kind: word(object, 'kind') }));
      if (!like || like.resource.kind === 'Namespace') return [];
      const own = wordAt(object, ['metadata', 'namespace']) || undefined;
      return [
        {
          manifest: {
            ...like.manifest,
            index,
            object,
            name: wordAt(object, ['metadata', 'name']),
            namespace: own,
          },
          resource: like.resource,
          namespace: like.resource.namespaced ? (own ?? namespace) : undefined,
        },
      ];
    }),
  );
}

function word(object: JsonObject, key: string): string {
  return wordAt(object, [key]);
}
