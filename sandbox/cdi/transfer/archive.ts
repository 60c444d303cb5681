import { execFile, spawn } from 'node:child_process';
import { lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { ByteStream } from './byte-stream';
import { NO_SPACE, TransferError } from './transfer-error';

const run = promisify(execFile);
/** The disk on a volume with a file system, as KubeVirt looks for it. */
const DISK = 'disk.img';

/**
 * Unpacks a tar onto a volume with a file system. A volume is one image here: of an archive with a `disk.img`, as
 * machines boot from, that is the image; the files of any other lie in an ext4 file system that fills the volume, where
 * whoever mounts the disk finds them. Returns how long the image in `draft` is, at most `bytes`.
 */
export async function unpackArchive(
  stream: ByteStream,
  draft: string,
  bytes: number,
  signal: AbortSignal,
): Promise<number> {
  const directory = `${draft}-files`;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    await untar(stream, directory, signal);
    const disk = path.join(directory, DISK);
    const isDisk = await lstat(disk)
      .then((found) => found.isFile())
      .catch(() => false);
    if (isDisk) {
      await rename(disk, draft);
      return (await stat(draft)).size;
    }
    await makeFileSystem(directory, draft, bytes, signal);
    return bytes;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** tar refuses names that lead out of the directory; owners and devices are not taken over. */
async function untar(stream: ByteStream, directory: string, signal: AbortSignal): Promise<void> {
  const args = [
    '--extract',
    '--sparse',
    '--no-same-owner',
    '--no-same-permissions',
    '--directory',
    directory,
  ];
  const child = spawn('tar', args, { stdio: ['pipe', 'ignore', 'pipe'], signal });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => {});
  // What tar does not read (the padding at the end) breaks the pipe, which is no failure; what the source says is one.
  let broken: unknown;
  await pipeline(stream, child.stdin, { signal }).catch((error) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      broken = error;
      child.kill('SIGKILL');
    }
  });
  const code = await ended.catch((error) => {
    broken ??= error;
    return null;
  });
  signal.throwIfAborted();
  if (broken) throw broken;
  if (code !== 0) throw new TransferError(`unable to untar files from endpoint: ${complaint.trim()}`);
}

async function makeFileSystem(
  directory: string,
  draft: string,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  if ((await readdir(directory)).length === 0)
    throw new TransferError('unable to untar files from endpoint: EOF');
  const blocks = Math.floor(bytes / 4096);
  const args = ['-q', '-F', '-t', 'ext4', '-b', '4096', '-d', directory, draft, String(blocks)];
  const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  await run('mke2fs', args, { signal, env: environment }).catch((error) => {
    signal.throwIfAborted();
    const text = String(error.stderr || error.message).trim();
    const isFull = /could not allocate|no free space|ENOSPC/i.test(text);
    throw new TransferError(`unable to untar files from endpoint: ${isFull ? NO_SPACE : text}`);
  });
}
