import { open, rename, rm } from 'node:fs/promises';
import { openLayer } from './layers';
import { cleanPath, readTar, type TarEntry } from './tar';

const DEFAULT_DIRECTORY = 'disk';
const LINKS = 20;
const HOLE_BYTES = 64 * 1024;

interface Known {
  layer: number;
  type: TarEntry['type'];
  target: string;
}

/** The image has no disk where one is looked for: virt-handler's words. */
export class NoDiskError extends Error {}

/**
 * Finds the disk of a container disk in its layers (lowest first) as virt-handler does: the file at `path`, otherwise
 * the only one in `/disk`; and writes it to `target`, sparse.
 * @throws NoDiskError when there is none, or more than one
 */
export async function extractDisk(
  layers: readonly string[],
  path: string | undefined,
  target: string,
): Promise<void> {
  const wanted = path === undefined ? undefined : cleanPath(path);
  const known = new Map<string, Known>();
  /** The layer and name of what lies in `target` already: mostly nothing has to be read twice. */
  let written: { layer: number; name: string } | undefined;
  for (const [layer, file] of layers.entries()) {
    for await (const entry of readTar(await openLayer(file))) {
      if (applyWhiteout(known, entry.path, layer)) continue;
      known.set(entry.path, { layer, type: entry.type, target: entry.target });
      const isCandidate =
        wanted === undefined ? parentOf(entry.path) === DEFAULT_DIRECTORY : entry.path === wanted;
      if (!isCandidate || entry.type !== 'file') continue;
      await writeSparse(target, entry);
      written = { layer, name: entry.path };
    }
  }
  const { layer, name } = locate(known, wanted);
  if (written?.layer === layer && written.name === name) return;
  for await (const entry of readTar(await openLayer(layers[layer] ?? ''))) {
    if (entry.path === name && entry.type === 'file') await writeSparse(target, entry);
  }
}

/** Files that a layer takes away from those below it are named in it. */
function applyWhiteout(known: Map<string, Known>, path: string, layer: number): boolean {
  const directory = parentOf(path);
  const name = path.slice(directory === '' ? 0 : directory.length + 1);
  if (!name.startsWith('.wh.')) return false;
  const inside = directory === '' ? '' : `${directory}/`;
  const opaque = name === '.wh..wh..opq';
  const gone = `${inside}${name.slice('.wh.'.length)}`;
  for (const [candidate, { layer: of }] of known) {
    const hit = opaque
      ? candidate.startsWith(inside)
      : candidate === gone || candidate.startsWith(`${gone}/`);
    if (hit && of < layer) known.delete(candidate);
  }
  return true;
}

function locate(
  known: ReadonlyMap<string, Known>,
  wanted: string | undefined,
): { layer: number; name: string } {
  if (wanted !== undefined) {
    const found = resolve(known, wanted);
    if (found) return found;
    throw new NoDiskError(`failed to determine custom image path /${wanted}: no such file or directory`);
  }
  const files = [...known].filter(([path]) => parentOf(path) === DEFAULT_DIRECTORY);
  const first = files[0]?.[0];
  if (first === undefined) {
    const words = known.has(DEFAULT_DIRECTORY)
      ? 'no file found in folder /disk, no disk present'
      : 'failed to determine default image path /disk: no such file or directory';
    throw new NoDiskError(words);
  }
  if (files.length > 1)
    throw new NoDiskError('more than one file found in folder /disk, only one disk is allowed');
  const found = resolve(known, first);
  if (found) return found;
  throw new NoDiskError(`/${first} is not a file`);
}

/** Follows links within the image; none leads out of it. */
function resolve(
  known: ReadonlyMap<string, Known>,
  path: string,
): { layer: number; name: string } | undefined {
  let name = path;
  for (let step = 0; step < LINKS; step += 1) {
    const entry = known.get(name);
    if (entry?.type === 'file') return { layer: entry.layer, name };
    if (entry?.type === 'hardlink') name = cleanPath(entry.target);
    else if (entry?.type === 'symlink') name = follow(parentOf(name), entry.target);
    else return undefined;
  }
  return undefined;
}

function follow(directory: string, target: string): string {
  const parts = target.startsWith('/') ? [] : directory.split('/').filter(Boolean);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Writes a file's bytes without those that are zero in blocks. */
async function writeSparse(target: string, { size, body }: TarEntry): Promise<void> {
  const draft = `${target}.part`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'w');
  try {
    await handle.truncate(size);
    let at = 0;
    for await (const chunk of body) {
      for (let from = 0; from < chunk.length; ) {
        // Blocks of the file, not of the chunk: so long runs of zeros stay holes whatever the chunks are.
        const block = chunk.subarray(from, from + HOLE_BYTES - ((at + from) % HOLE_BYTES));
        if (!isZero(block)) await handle.write(block, 0, block.length, at + from);
        from += block.length;
      }
      at += chunk.length;
    }
  } finally {
    await handle.close();
  }
  await rename(draft, target);
}

const ZEROS = Buffer.alloc(HOLE_BYTES);

function isZero(block: Buffer): boolean {
  return block.equals(ZEROS.subarray(0, block.length));
}
