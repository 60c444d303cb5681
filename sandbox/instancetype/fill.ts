/** Sets a field that says nothing yet to a copy of what is preferred, if anything is. */
export function fill<Target extends object, Field extends keyof Target>(
  target: Target,
  field: Field,
  preferred: Target[Field] | undefined,
): void {
  if (preferred !== undefined && target[field] === undefined) target[field] = structuredClone(preferred);
}
