type Step = { field: string } | { index: number } | { where: [string[], string] } | { every: true };

const compiled = new Map<string, Step[]>();

/**
 * Reads the first match of a JSONPath in the dialect of additionalPrinterColumns: fields, indexes, `[*]` and
 * `[?(@.type=='Ready')]`. Undefined when nothing is there.
 */
export function readJsonPath(object: unknown, path: string): unknown {
  let steps = compiled.get(path);
  if (!steps) {
    steps = compile(path);
    compiled.set(path, steps);
  }
  let found: unknown[] = [object];
  for (const step of steps) found = found.flatMap((value) => follow(value, step));
  return found[0];
}

function compile(path: string): Step[] {
  const steps: Step[] = [];
  const pattern =
    /\.((?:[^.[\]\\]|\\.)+)|\[(\d+)\]|\[\?\(@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\)\]|\[\*\]|\['([^']+)'\]/gy;
  let end = 0;
  for (let match = pattern.exec(path); match; match = pattern.exec(path)) {
    const [, field, index, left, right, quoted] = match;
    end = pattern.lastIndex;
    if (field !== undefined) steps.push({ field: field.replaceAll(/\\(.)/g, '$1') });
    else if (quoted !== undefined) steps.push({ field: quoted });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (left !== undefined) steps.push({ where: [left.split('.'), right ?? ''] });
    else steps.push({ every: true });
  }
  if (end !== path.length) throw new Error(`JSONPath ${path} is not understood from position ${end}`);
  return steps;
}

function follow(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('field' in step) return present((value as Record<string, unknown>)[step.field]);
  const items = Array.isArray(value) ? value : [];
  if ('index' in step) return present(items[step.index]);
  if ('every' in step) return items;
  const [path, wanted] = step.where;
  return items.filter((item) => {
    let inner: unknown = item;
    for (const field of path) inner = (inner as Record<string, unknown> | undefined | null)?.[field];
    return String(inner) === wanted;
  });
}

function present(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value];
}
