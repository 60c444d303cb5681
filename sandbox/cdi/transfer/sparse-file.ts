import { type FileHandle, open } from 'node:fs/promises';
import type { ByteStream } from './byte-stream';
import { isOutOfSpace, NO_SPACE, TransferError } from './transfer-error';

/** What file systems give away at least; smaller runs of zeros are no holes. */
const BLOCK_BYTES = 4096;
const BATCH_BYTES = 1 << 20;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * Writes a stream into a new file and leaves its zeros out. At most `limit` bytes may come.
 * Returns how long the stream was. What was written is on the disk when this returns.
 * @throws TransferError in CDI's words when the volume is too small, and whatever the stream throws.
 */
export async function writeSparse(
  file: string,
  stream: ByteStream,
  { limit, place, signal }: { limit: number; place: string; signal: AbortSignal },
): Promise<number> {
  const handle = await open(file, 'w', 0o600);
  try {
    const length = await fill(handle, stream, limit, place, signal);
    await handle.truncate(length);
    await handle.datasync();
    return length;
  } catch (error) {
    throw isOutOfSpace(error) ? full(place) : error;
  } finally {
    await handle.close();
  }
}

async function fill(
  handle: FileHandle,
  stream: ByteStream,
  limit: number,
  place: string,
  signal: AbortSignal,
): Promise<number> {
  // One batch is written while the next is gathered.
  const batches = [Buffer.allocUnsafe(BATCH_BYTES), Buffer.allocUnsafe(BATCH_BYTES)] as const;
  let writing: Promise<void> = Promise.resolve();
  let turn = 0;
  let gathered = 0;
  let start = 0;
  const flush = async () => {
    await writing;
    const batch = batches[turn === 0 ? 0 : 1].subarray(0, gathered);
    writing = writeRuns(handle, batch, start);
    // Awaited at the next flush; a stream that ends first must not leave it unheard.
    writing.catch(() => {});
    start += gathered;
    gathered = 0;
    turn = 1 - turn;
  };
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      if (start + gathered + chunk.length > limit) throw full(place);
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + BATCH_BYTES - gathered);
        part.copy(batches[turn === 0 ? 0 : 1], gathered);
        gathered += part.length;
        at += part.length;
        if (gathered === BATCH_BYTES) await flush();
      }
    }
    await flush();
  } finally {
    await writing;
  }
  return start;
}

/** Writes what is not zero of a batch that belongs at `start`. */
async function writeRuns(handle: FileHandle, batch: Buffer, start: number): Promise<void> {
  for (const [from, to] of dataRuns(batch)) {
    await handle.write(batch, from, to - from, start + from);
  }
}

/** The parts of a buffer that hold data, as pairs of offsets at block boundaries. */
export function dataRuns(batch: Buffer): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (let at = 0; at < batch.length; at += BLOCK_BYTES) {
    const end = Math.min(at + BLOCK_BYTES, batch.length);
    if (ZEROS.compare(batch, at, end, 0, end - at) === 0) continue;
    const last = runs.at(-1);
    if (last?.[1] === at) last[1] = end;
    else runs.push([at, end]);
  }
  return runs;
}

function full(place: string): TransferError {
  return new TransferError(`unable to write to file: write ${place}: ${NO_SPACE}`);
}
