'use client';

import { useFeatures } from '@/lib/live/use-features';
import { text } from '@/lib/text';
import { type PlacedProblem, useVmForm } from './vm-form';

/** Says of something that is asked for that the cluster's KubeVirt refuses it; nothing while that is not known. */
export function useGate(): (gate: string, isAsked: boolean) => PlacedProblem[] {
  const { cluster } = useVmForm();
  const features = useFeatures(cluster);
  return (gate, isAsked) =>
    isAsked && features.known && !features.hasGate(gate)
      ? [{ path: gate, severity: 'warning', message: text('devices.gate', { gate }) }]
      : [];
}
