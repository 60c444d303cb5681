'use client';

import { useEffect, useState } from 'react';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VirtualMachine } from '@/lib/kinds/vm/types';

/**
 * A VM with its instance type and preference put into it, as the subresource expand-spec gives it; undefined without
 * either, and while it is not known. Asked anew with each generation.
 */
export function useExpanded(
  { cluster, namespace, name }: Ref,
  vm: VirtualMachine,
): VirtualMachine | undefined {
  const hasMatcher = vm.spec.instancetype !== undefined || vm.spec.preference !== undefined;
  const generation = hasMatcher ? `${vm.metadata.uid}/${vm.metadata.generation}` : undefined;
  const [known, setKnown] = useState<{ generation: string; expanded: VirtualMachine }>();
  useEffect(() => {
    if (!generation) return;
    const stop = new AbortController();
    const path = resourcePath(RESOURCES.virtualMachineActions, namespace, name, 'expand-spec');
    callApi<VirtualMachine>(cluster, path, { signal: stop.signal }).then(
      ({ body }) => setKnown({ generation, expanded: body }),
      // Less is compared then.
      () => undefined,
    );
    return () => stop.abort();
  }, [cluster, namespace, name, generation]);
  return known && known.generation === generation ? known.expanded : undefined;
}
