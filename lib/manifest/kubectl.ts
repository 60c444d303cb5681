import { readDocuments, rewriteDocuments } from './documents';
import type { JsonPatchOp } from './json-patch';
import { isMapping, type ManifestObject } from './manifest';

/** What only the server writes; kubectl would carry it along, and an old version would be refused. */
const SERVER_FIELDS = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'generation',
  'selfLink',
];

/** What to patch: `virtualmachines.kubevirt.io`, in words that kubectl takes. */
export interface KubectlTarget {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
  namespace: string | undefined;
  name: string;
}

/**
 * A command for a POSIX shell that applies the documents of a text, without what only the server writes. Undefined
 * while the text can't be read.
 */
export function kubectlApply(text: string): string | undefined {
  const documents = readDocuments(text);
  if (!documents) return undefined;
  const cleaned = rewriteDocuments(text, documents.objects.map(withoutServerFields));
  if (cleaned === undefined) return undefined;
  const content = cleaned.endsWith('\n') ? cleaned : `${cleaned}\n`;
  const lines = new Set(content.split('\n'));
  // The word that ends the text must not stand in it as a line.
  let end = 'EOF';
  for (let number = 2; lines.has(end); number += 1) end = `EOF${number}`;
  return `kubectl apply -f - <<'${end}'\n${content}${end}\n`;
}

/** A command for a POSIX shell that sends the operations of a JSON patch. */
export function kubectlPatch(target: KubectlTarget, ops: readonly JsonPatchOp[]): string {
  const { group, version, plural, namespace, name } = target;
  const kind = group ? `${plural}.${version}.${group}` : plural;
  const words = [
    'kubectl',
    'patch',
    kind,
    name,
    ...(namespace ? ['-n', namespace] : []),
    '--type=json',
    '-p',
    JSON.stringify(ops),
  ];
  return `${words.map(shellWord).join(' ')}\n`;
}

/** A word as a POSIX shell takes it: as it is where that is safe, else in single quotes, in which nothing is special. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export function withoutServerFields(object: ManifestObject): ManifestObject {
  const { status: _status, ...rest } = object;
  if (!isMapping(rest.metadata)) return rest;
  const kept = Object.entries(rest.metadata).filter(([key]) => !SERVER_FIELDS.includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}
