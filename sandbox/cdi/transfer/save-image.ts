import { execFile } from 'node:child_process';
import { mkdir, open, rename, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { unpackArchive } from './archive';
import { type ByteStream, peek, unpack } from './byte-stream';
import { type DiskFormat, formatOf } from './image-format';
import { convertToRaw, imageInfo, tooLarge, validateImage } from './qemu-img';
import { writeSparse } from './sparse-file';
import { ScratchSpaceRequired, TransferError } from './transfer-error';

const run = promisify(execFile);
/**
 * What is being written lies beside the claim's file under this ending, and takes its place when it is whole; what a
 * crash leaves is swept at the next start.
 */
const DRAFT = '.importing';

export interface Target {
  /** The claim's file. */
  file: string;
  /** Bytes of the volume. */
  capacity: number;
  /** Bytes of the disk on it: all of a block device; of a file system what its overhead leaves. */
  usable: number;
  isBlock: boolean;
  /** `archive`: a tar whose files are put on the volume. */
  contentType: 'kubevirt' | 'archive';
  /** Takes all its blocks at once. */
  preallocate: boolean;
  /** Where an image waits to be converted; without it such an image is refused with ScratchSpaceRequired. */
  scratch?: { file: string; bytes: number };
}

export interface TransferReport {
  /** CDI's processing phases: TransferScratch, TransferDataFile, TransferDataDir, Convert, Resize, Preallocate, Complete. */
  phase(name: string): void;
  /** How far the conversion is, in percent. How far the stream is, its owner knows. */
  converted(percent: number): void;
}

/**
 * Brings an image from a stream to its claim: unpacked, converted to raw, without its holes, and as long as the disk is
 * to be. Nothing is in the claim's place before all of it is on the disk. Mirrors DataProcessor of CDI's importer, which
 * its upload server uses as well.
 * @throws TransferError in CDI's words; the signal's reason when it is aborted.
 */
export async function saveImage(
  stream: ByteStream,
  target: Target,
  report: TransferReport,
  signal: AbortSignal,
): Promise<void> {
  const draft = draftOf(target.file);
  await mkdir(path.dirname(target.file), { recursive: true });
  try {
    const bytes = await transfer(stream, draft, target, report, signal);
    report.phase('Resize');
    await finish(draft, bytes, target, report);
    signal.throwIfAborted();
    await settle(draft, target.file);
    report.phase('Complete');
  } finally {
    await rm(draft, { force: true });
    if (target.scratch) await rm(scratchFile(target.scratch.file), { force: true });
  }
}

/** As saveImage, for an image that is a file of this machine already: nothing is written to `path`. */
export async function saveFile(
  source: { path: string; format: DiskFormat },
  target: Target,
  report: TransferReport,
  signal: AbortSignal,
): Promise<void> {
  const draft = draftOf(target.file);
  await mkdir(path.dirname(target.file), { recursive: true });
  try {
    report.phase('Convert');
    const bytes = await convertFile(source.path, source.format, draft, target, report, signal);
    report.phase('Resize');
    await finish(draft, bytes, target, report);
    signal.throwIfAborted();
    await settle(draft, target.file);
    report.phase('Complete');
  } finally {
    await rm(draft, { force: true });
  }
}

/** An empty disk in place of whatever the claim had; `prepare` may write on it before anybody sees it. */
export async function saveBlank(
  target: Target,
  report: TransferReport,
  prepare: (draft: string) => Promise<void> = async () => {},
): Promise<void> {
  const draft = draftOf(target.file);
  await mkdir(path.dirname(target.file), { recursive: true });
  try {
    await (await open(draft, 'w', 0o600)).close();
    await finish(draft, 0, target, report);
    await prepare(draft);
    await settle(draft, target.file);
  } finally {
    await rm(draft, { force: true });
  }
}

function draftOf(file: string): string {
  return `${file}${DRAFT}`;
}

/** Returns the length of the raw image in `draft`. */
async function transfer(
  stream: ByteStream,
  draft: string,
  target: Target,
  report: TransferReport,
  signal: AbortSignal,
): Promise<number> {
  const { whole, head } = await peek(await unpack(stream, signal));
  if (target.contentType === 'archive') {
    report.phase('TransferDataDir');
    return await wrap('Unable to transfer source data to target directory', () =>
      unpackArchive(whole, draft, target.usable, signal),
    );
  }
  const format = formatOf(head);
  if (format !== 'raw') return convert(whole, format, draft, target, report, signal);
  report.phase('TransferDataFile');
  const place = target.isBlock ? '/dev/cdi-block-volume' : '/data/disk.img';
  return await wrap('Unable to transfer source data to target file', () =>
    writeSparse(draft, whole, { limit: target.capacity, place, signal }),
  );
}

async function convert(
  stream: ByteStream,
  format: DiskFormat,
  draft: string,
  target: Target,
  report: TransferReport,
  signal: AbortSignal,
): Promise<number> {
  const { scratch } = target;
  if (!scratch) throw new ScratchSpaceRequired();
  report.phase('TransferScratch');
  const file = scratchFile(scratch.file);
  await wrap('Unable to transfer source data to scratch space', () =>
    writeSparse(file, stream, { limit: scratch.bytes, place: '/scratch/tmpimage', signal }),
  );
  report.phase('Convert');
  return convertFile(file, format, draft, target, report, signal);
}

function convertFile(
  file: string,
  format: DiskFormat,
  draft: string,
  { usable }: Target,
  report: TransferReport,
  signal: AbortSignal,
): Promise<number> {
  return wrap('Unable to convert source data to target format', async () => {
    const info = await imageInfo(file, format, signal);
    validateImage(info, usable, '/scratch/tmpimage');
    await convertToRaw({ file, format }, draft, { onProgress: report.converted, signal });
    return info.virtualBytes;
  });
}

/** Fills a disk up to its size. Mirrors the phases Resize and Preallocate. */
async function finish(draft: string, bytes: number, target: Target, report: TransferReport): Promise<void> {
  const { usable, preallocate } = target;
  if (bytes > usable) {
    throw new TransferError(
      `Unable to resize disk image to requested size: ${tooLarge(bytes, usable).message}`,
    );
  }
  await truncate(draft, usable);
  if (!preallocate) return;
  report.phase('Preallocate');
  await run('fallocate', ['--length', String(usable), draft]).catch((error) => {
    throw new TransferError(`Unable to preallocate disk image to requested size: ${error.message}`);
  });
}

/** The draft takes the claim's place, whole and on the disk. */
async function settle(draft: string, file: string): Promise<void> {
  const handle = await open(draft, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** The file on the scratch volume, which is a file itself here. */
function scratchFile(volume: string): string {
  return `${volume}${DRAFT}`;
}

async function wrap<T>(words: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransferError) throw new TransferError(`${words}: ${error.message}`);
    throw error;
  }
}
