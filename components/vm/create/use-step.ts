'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { STEPS } from './steps';

/** The step that the address names, how to go to another, and the address of each. Back leads to the one before. */
export function useStep(): [string, (id: string) => void, (id: string) => string] {
  const params = useSearchParams();
  const pathname = usePathname();
  const asked = params.get('step');
  const step = STEPS.some(({ id }) => id === asked) && asked ? asked : (STEPS[0]?.id ?? '');
  const hrefOf = (id: string) => {
    const query = new URLSearchParams(params);
    query.set('step', id);
    return `${pathname}?${query}`;
  };
  const goTo = (id: string) => {
    if (id !== step) window.history.pushState(null, '', hrefOf(id));
  };
  return [step, goTo, hrefOf];
}
