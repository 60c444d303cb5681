import type { TemplateMeta, VmiSpec } from '../api/admission/types';
import { applyInstancetype } from './apply-instancetype';
import { applyPreference } from './apply-preference';
import type { Choice, Conflict } from './types';

/**
 * Applies an instance type and then a preference to a VMI spec and its metadata, in place. Returns the fields that the
 * instance type would overwrite; with any of them the edit is partial and to be thrown away. `at` is where the spec
 * stands, as conflicts name it.
 */
export function applyChoice(
  at: string,
  { instancetype, preference }: Choice,
  spec: VmiSpec,
  metadata: TemplateMeta,
): Conflict[] {
  if (instancetype) {
    const conflicts = applyInstancetype(at, instancetype, preference, spec, metadata);
    if (conflicts.length > 0) return conflicts;
  }
  if (preference) applyPreference(preference, spec, metadata);
  return [];
}
