import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('./corpus/', import.meta.url);

/** Manifests of virtual machines as people write them, in every form that the API takes. */
export const CORPUS: readonly { name: string; text: string }[] = readdirSync(FOLDER)
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));
