import { generatePassword } from '@/lib/guest-setup/password';
import { withFreshPasswords, withoutSecretValues } from '@/lib/guest-setup/secret-values';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import { draftOf, objectsOf } from './manifest-draft';

/** The text as a browser may keep it: without the values of Secrets. Undefined while nobody can tell where they stand. */
export function keepableText(text: string): string | undefined {
  const documents = readDocuments(text);
  if (!documents) return /\bSecret\b/.test(text) ? undefined : text;
  const hidden = withoutSecretValues(documents.objects);
  if (hidden.every((each, index) => each === documents.objects[index])) return text;
  return rewriteDocuments(text, hidden);
}

/** A kept text for going on with: passwords that were left out are made anew. */
export function broughtBack(text: string): { text: string; hasFreshPasswords: boolean } {
  const placed = draftOf(readDocuments(text)?.objects ?? []);
  if (!placed) return { text, hasFreshPasswords: false };
  const after = withFreshPasswords(placed.draft, () => generatePassword());
  if (after === placed.draft) return { text, hasFreshPasswords: false };
  return { text: rewriteDocuments(text, objectsOf(placed, after)) ?? text, hasFreshPasswords: true };
}
