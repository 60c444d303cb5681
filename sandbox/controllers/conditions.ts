import type { Condition } from './types';

/** Where conditions live: a status object, edited in place. */
export interface Conditioned {
  conditions?: Condition[];
}

export function findCondition(status: Conditioned | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(status: Conditioned | undefined, type: string): boolean {
  return findCondition(status, type)?.status === 'True';
}

/**
 * Adds or changes a condition. One that says the same keeps its times, so that nothing is written for nothing; one that
 * says something new moves to the times given, in its place. Edits `status`.
 */
export function setCondition(status: Conditioned, condition: Condition): void {
  const list = [...(status.conditions ?? [])];
  const at = list.findIndex(({ type }) => type === condition.type);
  const present = list[at];
  if (present && saysTheSame(present, condition)) return;
  if (present) list[at] = condition;
  else list.push(condition);
  status.conditions = list;
}

/** Edits `status`. */
export function removeCondition(status: Conditioned, type: string): void {
  if (!findCondition(status, type)) return;
  status.conditions = status.conditions?.filter((condition) => condition.type !== type) ?? [];
}

function saysTheSame(a: Condition, b: Condition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}
