import { stat } from 'node:fs/promises';
import { diskFormat } from './disk-format';
import type { ImageDisk } from './image-disk';
import { parseImage } from './reference';

/**
 * The disk that was put there by hand for the images whose repository's last part has a word, `debian` for instance.
 * Registries are never asked for those.
 */
export async function providedDisk(
  provided: ReadonlyMap<string, string>,
  reference: string,
): Promise<ImageDisk | undefined> {
  if (provided.size === 0) return undefined;
  const last = parseImage(reference).repository.split('/').at(-1) ?? '';
  const found = [...provided].find(([word]) => last.includes(word));
  if (!found) return undefined;
  const [word, path] = found;
  const { size, mtimeMs } = await stat(path);
  const { format, bytes } = await diskFormat(path);
  // No manifest names it: what it was made from does.
  const digest = `provided:${word}-${size}-${Math.round(mtimeMs)}`;
  return { kind: 'pulled', path, format, digest, bytes, imageBytes: size, cached: true };
}
