import type { Step } from '@/lib/manifest/plan';

/** What a VM needs comes before it, whatever the order of the text; for the rest that order stands. */
export function inOrder(steps: readonly Step[]): Step[] {
  const rank = ({ resource }: Step) => {
    if (resource.group === '' && resource.kind === 'Namespace') return 0;
    return resource.group === 'kubevirt.io' && resource.kind === 'VirtualMachine' ? 2 : 1;
  };
  return [...steps].sort((a, b) => rank(a) - rank(b));
}
