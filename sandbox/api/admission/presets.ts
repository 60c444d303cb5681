import { isDeepStrictEqual } from 'node:util';
import { type LabelSelection, selects } from '../label-selection';
import type { ClusterApi, KubeObject, NewObject } from '../objects';
import type { Domain, VmiSpec } from './types';
import { deniedPlainly } from './webhook';

const PRESETS = 'virtualmachineinstancepresets.kubevirt.io';
const EXCLUSION = 'virtualmachineinstancepresets.admission.kubevirt.io/exclude';
/** Parts of a domain that a preset gives whole or not at all. */
const PARTS = ['cpu', 'firmware', 'clock', 'features', 'ioThreadsPolicy'] as const;

interface Preset extends KubeObject {
  spec: { selector?: LabelSelection; domain?: Domain };
}

/**
 * Gives an instance about to be created what the presets of its namespace that select it say, where it says nothing
 * itself, and annotates it with those that count. Deprecated, and as KubeVirt's VMI mutator still does it.
 * @throws ApiError 422 when presets contradict each other.
 */
export function applyPresets(cluster: ClusterApi, draft: NewObject | KubeObject): void {
  const { metadata } = draft;
  if (metadata.annotations?.[EXCLUSION] === 'true') return;
  const presets = cluster
    .list<Preset>(PRESETS, metadata.namespace)
    .filter(({ spec }) => selects(spec.selector, metadata.labels ?? {}));
  const contradictions = presets.flatMap((preset, index) =>
    presets.slice(0, index).flatMap((other) => contradiction(preset, other) ?? []),
  );
  if (contradictions.length > 0) {
    const text = contradictions.length === 1 ? (contradictions[0] ?? '') : `[${contradictions.join(', ')}]`;
    throw deniedPlainly(
      'virtualmachineinstances-mutator.kubevirt.io',
      `VirtualMachinePresets cannot be applied due to conflicts: ${text}`,
      422,
    );
  }
  for (const { metadata: preset, spec } of presets) {
    // The schema check came before, or our own controller built it.
    if (!spec.domain || !merge(spec.domain, (draft.spec as VmiSpec).domain)) continue;
    metadata.annotations = {
      ...metadata.annotations,
      [`virtualmachinepreset.kubevirt.io/${preset.name}`]: 'kubevirt.io/v1',
    };
  }
}

/** Fills in what `domain` leaves open, in place. Returns whether it says, in any part, what the preset says. */
function merge(preset: Domain, domain: Domain): boolean {
  let counts = false;
  const requests = preset.resources?.requests;
  if (requests && Object.keys(requests).length > 0) {
    domain.resources ??= {};
    domain.resources.requests ??= structuredClone(requests);
    counts = isDeepStrictEqual(domain.resources.requests, requests);
  }
  for (const part of PARTS) {
    if (preset[part] === undefined) continue;
    if (domain[part] === undefined) Object.assign(domain, { [part]: structuredClone(preset[part]) });
    counts ||= isDeepStrictEqual(domain[part], preset[part]);
  }
  const watchdog = preset.devices?.watchdog;
  if (watchdog) {
    domain.devices ??= {};
    domain.devices.watchdog ??= structuredClone(watchdog);
    counts ||= isDeepStrictEqual(domain.devices.watchdog, watchdog);
  }
  return counts;
}

function contradiction(preset: Preset, other: Preset): string | undefined {
  const [a, b] = [preset.spec.domain, other.spec.domain];
  const differing: string[] = [];
  for (const [key, value] of Object.entries(a?.resources?.requests ?? {})) {
    const theirs = b?.resources?.requests?.[key];
    if (theirs !== undefined && theirs !== value) {
      differing.push(`spec.resources.requests[${key}]: ${value} != ${theirs}`);
    }
  }
  for (const part of PARTS) {
    const [mine, theirs] = [a?.[part], b?.[part]];
    if (mine !== undefined && theirs !== undefined && !isDeepStrictEqual(mine, theirs)) {
      differing.push(`spec.${part}: ${JSON.stringify(mine)} != ${JSON.stringify(theirs)}`);
    }
  }
  if (differing.length === 0) return undefined;
  const text = differing.length === 1 ? differing[0] : `[${differing.join(', ')}]`;
  return `presets '${preset.metadata.name}' and '${other.metadata.name}' conflict: ${text}`;
}
