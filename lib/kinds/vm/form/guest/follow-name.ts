import { isJsonObject, type JsonObject, valueAt, withValueAt } from '@/lib/k8s/json';
import { GUEST, type VmDraft } from '../field';
import { nameOf, SECRET_OF_VM } from './secret-document';

const LABEL = ['metadata', 'labels', SECRET_OF_VM] as const;

/**
 * Lets the objects that were made for a VM of one name (Secrets and ConfigMaps that carry its label) follow it to
 * another, with all that the VM says of them. For while somebody types the name of a VM that is yet to be.
 */
export function withNameFollowed(draft: VmDraft, before: string, after: string): VmDraft {
  if (before === after || after === '') return draft;
  const renamed = new Map<string, string>();
  const others = draft.others.map((object): JsonObject => {
    const own = valueAt(object, LABEL) === before || (before === '' && valueAt(object, LABEL) === undefined);
    const prefix = before === '' ? 'vm-' : `${before}-`;
    if (!own || !nameOf(object).startsWith(prefix) || !['Secret', 'ConfigMap'].includes(String(object.kind)))
      return object;
    const name = `${after}-${nameOf(object).slice(prefix.length)}`;
    renamed.set(nameOf(object), name);
    return withValueAt(withValueAt(object, ['metadata', 'name'], name), LABEL, after);
  });
  if (renamed.size === 0) return draft;
  let vm = draft.vm;
  for (const part of ['volumes', 'accessCredentials']) {
    const path = [...GUEST, part];
    const value = valueAt(vm, path);
    if (value !== undefined) vm = withValueAt(vm, path, withReferences(value, renamed));
  }
  return { vm, others };
}

/** The keys by which volumes and credentials name a Secret or a ConfigMap; a volume's own name is none of them. */
const REFERENCES = ['secretRef', 'networkDataSecretRef', 'configMap', 'secret'];

function withReferences(value: unknown, renamed: ReadonlyMap<string, string>, isReference = false): unknown {
  if (Array.isArray(value)) return value.map((entry) => withReferences(entry, renamed));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isName = key === 'secretName' || (key === 'name' && isReference);
      if (isName && typeof inner === 'string') return [key, renamed.get(inner) ?? inner];
      return [key, withReferences(inner, renamed, REFERENCES.includes(key))];
    }),
  );
}
