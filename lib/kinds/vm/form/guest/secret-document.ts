import { isJsonObject, type JsonObject, withValueAt, wordAt } from '@/lib/k8s/json';
import type { VmDraft } from '../field';

/** Bytes in base64 as text; undefined when it is no base64 or no UTF-8. Line breaks count for nothing, as in Go. */
export function decodeBase64(encoded: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(encoded.replaceAll(/[\r\n]/g, '')), (unit) => unit.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function encodeBase64(content: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(content)));
}

export function isSecretDocument(object: JsonObject): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Secret';
}

/** The Secret of this name among the objects that are made with the VM. */
export function secretIn(draft: VmDraft, name: string): JsonObject | undefined {
  return draft.others.find((object) => isSecretDocument(object) && nameOf(object) === name);
}

export function nameOf(object: JsonObject): string {
  return wordAt(object, ['metadata', 'name']);
}

/**
 * A value of a Secret as text, its key in whichever case it is written; undefined when it has none or it is no text.
 * What `stringData` says wins, as in the API.
 */
export function secretValue(secret: JsonObject, key: string): string | undefined {
  const plain = keyIn(secret.stringData, key);
  if (plain !== undefined) return wordAt(secret, ['stringData', plain]);
  const encoded = keyIn(secret.data, key);
  return encoded === undefined ? undefined : decodeBase64(wordAt(secret, ['data', encoded]));
}

/** The Secret with a value in the form in which it stands; new ones as `stringData`. Undefined removes it. */
export function withSecretValue(secret: JsonObject, key: string, content: string | undefined): JsonObject {
  const plain = keyIn(secret.stringData, key);
  const encoded = keyIn(secret.data, key);
  if (content === undefined) {
    const without = plain === undefined ? secret : withValueAt(secret, ['stringData', plain], undefined);
    return encoded === undefined ? without : withValueAt(without, ['data', encoded], undefined);
  }
  if (secretValue(secret, key) === content) return secret;
  if (plain === undefined && encoded !== undefined)
    return withValueAt(secret, ['data', encoded], encodeBase64(content));
  return withValueAt(secret, ['stringData', plain ?? key], content);
}

/** How many values a Secret has. */
export function secretSize(secret: JsonObject): number {
  const keys = [secret.data, secret.stringData].flatMap((values) =>
    isJsonObject(values) ? Object.keys(values) : [],
  );
  return new Set(keys).size;
}

function keyIn(values: unknown, key: string): string | undefined {
  if (!isJsonObject(values)) return undefined;
  return Object.keys(values).find((each) => each.toLowerCase() === key.toLowerCase());
}

/** A Secret that is made with the VM, in its namespace and findable by the VM's name. */
export function newSecret(draft: VmDraft, name: string, stringData: Record<string, string>): JsonObject {
  const namespace = wordAt(draft.vm, ['metadata', 'namespace']);
  const owner = nameOf(draft.vm);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(owner ? { labels: { [SECRET_OF_VM]: owner } } : {}),
    },
    type: 'Opaque',
    stringData,
  };
}

/** Says on a Secret for which VM it was made. */
export const SECRET_OF_VM = 'vm.kubevirt.io/name';

/** A name for an object of this kind that none in the draft has yet: `<vm>-<suffix>`, with a number where taken. */
export function freeName(draft: VmDraft, kind: string, suffix: string): string {
  const base = `${nameOf(draft.vm) || 'vm'}-${suffix}`;
  const taken = new Set(draft.others.filter((object) => object.kind === kind).map(nameOf));
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}

/** The draft with one of its objects replaced, or removed. */
export function withOther(draft: VmDraft, before: JsonObject, after: JsonObject | undefined): VmDraft {
  if (before === after) return draft;
  const others = draft.others.flatMap((object) => (object === before ? (after ? [after] : []) : [object]));
  return { ...draft, others };
}
