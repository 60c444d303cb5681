import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { DiskFormat } from './image-format';
import { isOutOfSpace, NO_SPACE, TransferError } from './transfer-error';

const run = promisify(execFile);
/** An image's header must not take longer to read, as in CDI. */
const INFO_TIMEOUT_MS = 30_000;
const PERCENT = /\((\d?\d\.\d\d)\/100%\)/g;
/** The kinds of VMDK that are one file: others name files of this machine. */
const WHOLE_VMDKS = ['monolithicSparse', 'streamOptimized'];

export interface ImageInfo {
  format: DiskFormat;
  virtualBytes: number;
  /** A file elsewhere that the image takes its content from. */
  refersTo?: string;
}

/** What qemu-img says of an image file. @throws TransferError with its words. */
export async function imageInfo(file: string, format: DiskFormat, signal: AbortSignal): Promise<ImageInfo> {
  const args = ['info', '--output=json', '-f', format, '--', file];
  const { stdout } = await run('qemu-img', args, { signal, timeout: INFO_TIMEOUT_MS }).catch((error) => {
    throw failure(error, signal, (text) => `${text}, exit status 1`);
  });
  // As qemu-img documents it.
  const told = JSON.parse(stdout) as {
    'virtual-size': number;
    'backing-filename'?: string;
    'format-specific'?: { data?: { 'data-file'?: string; 'create-type'?: string } };
  };
  const { 'data-file': dataFile, 'create-type': kind } = told['format-specific']?.data ?? {};
  const parts = format === 'vmdk' && kind && !WHOLE_VMDKS.includes(kind) ? kind : undefined;
  const refersTo = told['backing-filename'] ?? dataFile ?? parts;
  return { format, virtualBytes: told['virtual-size'], ...(refersTo ? { refersTo } : {}) };
}

/** Refuses what cannot become a disk of at most `bytes`. Mirrors checkIfURLIsValid of CDI. */
export function validateImage({ virtualBytes, refersTo }: ImageInfo, bytes: number, shownAs: string): void {
  if (refersTo) {
    throw new TransferError(`Image ${shownAs} is invalid because it has invalid backing file ${refersTo}`);
  }
  if (virtualBytes > bytes) throw tooLarge(virtualBytes, bytes);
}

export function tooLarge(virtualBytes: number, bytes: number): TransferError {
  return new TransferError(
    `Virtual image size ${virtualBytes} is larger than the reported available storage ${bytes}. A larger PVC is required.`,
  );
}

/** Converts an image into a new raw one, sparse. `onProgress` gets percent. @throws TransferError with qemu-img's words. */
export async function convertToRaw(
  { file, format }: { file: string; format: DiskFormat },
  target: string,
  { onProgress, signal }: { onProgress: (percent: number) => void; signal: AbortSignal },
): Promise<void> {
  const args = ['convert', '-t', 'writeback', '-p', '-f', format, '-O', 'raw', file, target];
  const child = spawn('qemu-img', args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const last = [...text.matchAll(PERCENT)].at(-1)?.[1];
    if (last !== undefined) onProgress(Number(last));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(complaint.trim()))));
  }).catch((error) => {
    throw failure(error, signal, (text) => `could not stream/convert image to raw: ${text}`);
  });
}

function failure(error: unknown, signal: AbortSignal, say: (text: string) => string): unknown {
  if (signal.aborted) return signal.reason;
  if (isOutOfSpace(error)) return new TransferError(NO_SPACE);
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return new TransferError(say(stderr || (error instanceof Error ? error.message : String(error))));
}
