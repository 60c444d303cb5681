'use client';

import { type DragEvent, useSyncExternalStore } from 'react';
import type { VmRow } from '@/lib/kinds/vm/row';

/** VMs that are being dragged. A drop target may not read what is dragged before it is dropped, so it stands here. */
export interface VmDrag {
  cluster: string;
  vms: readonly VmRow[];
}

let current: VmDrag | undefined;
const listeners = new Set<() => void>();

function set(drag: VmDrag | undefined): void {
  current = drag;
  for (const listener of [...listeners]) listener();
}

/**
 * Begins to drag VMs; called from `dragstart` of what stands for one of them. `label` says in words what is dragged and
 * goes with the pointer.
 */
export function beginVmDrag(event: DragEvent<HTMLElement>, drag: VmDrag, label: string): void {
  const { dataTransfer } = event;
  dataTransfer.effectAllowed = 'move';
  dataTransfer.setData(
    'text/plain',
    drag.vms.map(({ namespace, name }) => `${namespace}/${name}`).join('\n'),
  );
  const image = document.createElement('div');
  image.textContent = label;
  // The browser draws it once, right after this event; until then it must be in the page, and out of sight.
  image.style.cssText =
    'position:fixed;inset-block-start:-10rem;padding:.25rem .75rem;border-radius:1rem;background:var(--pf-t--global--color--brand--default);color:var(--pf-t--global--text--color--on-brand--default)';
  document.body.append(image);
  dataTransfer.setDragImage(image, -12, -4);
  const end = () => {
    image.remove();
    window.removeEventListener('dragend', end, true);
    set(undefined);
  };
  window.addEventListener('dragend', end, true);
  // Not at once: Chromium ends a drag when the page changes under it in the same turn.
  setTimeout(() => set(drag));
}

/** What is being dragged of this cluster, if anything. */
export function useVmDrag(cluster: string): VmDrag | undefined {
  const drag = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
    () => undefined,
  );
  return drag?.cluster === cluster ? drag : undefined;
}
