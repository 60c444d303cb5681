import { isJsonObject, type JsonObject, wordAt } from '@/lib/k8s/json';

/** Entries of a downward API volume as lines: `labels = metadata.labels`. What is of another kind is not shown. */
export function downwardLines(fields: unknown): string {
  return (Array.isArray(fields) ? fields : [])
    .filter(isSimple)
    .map((each) => `${wordAt(each, ['path'])} = ${wordAt(each, ['fieldRef', 'fieldPath'])}`)
    .join('\n');
}

/** The entries that lines say, in their order; those of another kind (resources of a container) stay behind them. */
export function downwardFields(lines: string, before: unknown): JsonObject[] {
  const known = (Array.isArray(before) ? before : []).filter(isJsonObject);
  const said = lines
    .split('\n')
    .map((line) => line.split('='))
    .filter(([path = '']) => path.trim() !== '')
    .map(([path = '', ...rest]): JsonObject => {
      const wanted = { path: path.trim(), fieldPath: rest.join('=').trim() };
      const same = known.find((each) => isSimple(each) && each.path === wanted.path);
      const reference = isJsonObject(same?.fieldRef) ? same.fieldRef : {};
      return { ...same, path: wanted.path, fieldRef: { ...reference, fieldPath: wanted.fieldPath } };
    });
  return [...said, ...known.filter((each) => !isSimple(each))];
}

function isSimple(field: unknown): field is JsonObject {
  return isJsonObject(field) && isJsonObject(field.fieldRef);
}
