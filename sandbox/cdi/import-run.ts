import { stat } from 'node:fs/promises';
import type { ImportJob } from './import-job';
import { findImage, type RegistryImages } from './registry-image';
import { standIn } from './stand-in';
import { tap } from './transfer/byte-stream';
import { Checksum } from './transfer/checksum';
import { openHttp, streamFailure } from './transfer/http-source';
import { saveBlank, saveFile, saveImage, type TransferReport } from './transfer/save-image';
import { ScratchSpaceRequired, TransferError } from './transfer/transfer-error';

export type ImportEnd =
  | { kind: 'complete'; preallocated: boolean; standIn?: string }
  | { kind: 'failed'; message: string }
  | { kind: 'needs-scratch' };

/** What a program in an importer pod does from its start to its end. */
export class ImportRun {
  private readonly abortion = new AbortController();
  private share = 0;
  private converted = 0;
  private result: ImportEnd | undefined;
  private readonly done: Promise<void>;

  /** `wake` is called when it has ended. */
  constructor(
    private readonly job: ImportJob,
    private readonly images: RegistryImages | undefined,
    private readonly log: (line: string) => void,
    wake: () => void,
  ) {
    this.done = this.run().then((end) => {
      if (this.abortion.signal.aborted) return;
      this.result = end;
      wake();
    });
  }

  /** Undefined while it goes on, and for good once it was aborted. */
  get end(): ImportEnd | undefined {
    return this.result;
  }

  /** How far it is in percent, undefined while nobody knows. It never goes back: as CDI's counter. */
  get percent(): number | undefined {
    const percent = Math.max(this.share * 100, this.converted);
    return percent > 0 ? Math.min(100, percent) : undefined;
  }

  /** Ends it; resolves when nothing of it writes any more. */
  abort(): Promise<void> {
    this.abortion.abort();
    return this.done;
  }

  private async run(): Promise<ImportEnd> {
    const { target } = this.job;
    try {
      const standsIn = await this.transfer();
      return {
        kind: 'complete',
        preallocated: target.preallocate,
        ...(standsIn ? { standIn: standsIn } : {}),
      };
    } catch (error) {
      if (error instanceof ScratchSpaceRequired) return { kind: 'needs-scratch' };
      const message = error instanceof TransferError ? error.message : streamFailure(error);
      // What cannot be reached says so itself; all else happened on the way.
      const isTold = /^Unable to (connect|create)|^Unknown source/.test(message);
      return { kind: 'failed', message: isTold ? message : `Unable to process data: ${message}` };
    }
  }

  /** Returns why the built-in image stands in for another, where it does and somebody should know. */
  private async transfer(): Promise<string | undefined> {
    const { source, endpoint, target } = this.job;
    switch (source) {
      case 'none':
        await this.blank();
        return undefined;
      case 'http':
        await this.download();
        return undefined;
      case 'clone':
        await this.clone();
        return undefined;
      case 'registry': {
        this.log('New phase: TransferScratch');
        const found = await findImage(this.job, this.images, (share) => this.tell(share));
        this.abortion.signal.throwIfAborted();
        if (found.kind === 'file') {
          await saveFile(found, target, this.report(), this.abortion.signal);
          return undefined;
        }
        await standIn(target, this.report(), (share) => this.tell(share), this.abortion.signal);
        return found.why;
      }
      case 's3':
      case 'gcs':
      case 'imageio':
      case 'vddk':
        throw new TransferError(unreachable(source, endpoint));
      default:
        throw new TransferError(`Unknown source: ${source}`);
    }
  }

  private async blank(): Promise<void> {
    const { target } = this.job;
    if (target.contentType === 'archive')
      throw new TransferError(
        'Unable to create blank image: Cannot create empty disk with content type archive',
      );
    await saveBlank(target, this.report());
    this.share = 1;
  }

  /** A source that nobody has written is as good as empty. */
  private async clone(): Promise<void> {
    const { from = '', target } = this.job;
    const isThere = await stat(from).then(
      () => true,
      () => false,
    );
    if (isThere) await saveFile({ path: from, format: 'raw' }, target, this.report(), this.abortion.signal);
    else await saveBlank(target, this.report());
  }

  private async download(): Promise<void> {
    const { http, target } = this.job;
    const { signal } = this.abortion;
    const checksum = this.job.checksum ? new Checksum(this.job.checksum) : undefined;
    const { body, length, takesRanges, close } = await openHttp(http, signal);
    try {
      // qemu-img reads such an image where it lies; only this machine has to bring it here first.
      const isDirect = takesRanges && http.trusted.length === 0;
      const scratch =
        target.scratch ??
        (isDirect ? { file: `${target.file}-source`, bytes: Number.MAX_SAFE_INTEGER } : undefined);
      await this.save(body, length, { ...target, ...(scratch ? { scratch } : {}) }, checksum);
    } finally {
      await close();
    }
  }

  /** `bytes`: how many will come, where that is known. */
  private async save(
    stream: AsyncIterable<Buffer>,
    bytes: number | undefined,
    target = this.job.target,
    checksum?: Checksum,
  ): Promise<void> {
    let received = 0;
    const counted = tap(stream, (chunk) => {
      received += chunk.length;
      checksum?.add(chunk);
      if (bytes) this.tell(received / bytes);
    });
    const verified = checksum ? verifying(counted, checksum) : counted;
    await saveImage(verified, target, this.report(), this.abortion.signal);
  }

  private tell(share: number): void {
    this.share = Math.max(this.share, Math.min(1, share));
  }

  private report(): TransferReport {
    return {
      phase: (name) => this.log(`New phase: ${name}`),
      converted: (percent) => {
        this.converted = Math.max(this.converted, percent);
      },
    };
  }
}

/** Fails at the end of the stream, before anybody takes what came for whole. */
async function* verifying(stream: AsyncIterable<Buffer>, checksum: Checksum): AsyncGenerator<Buffer> {
  yield* stream;
  checksum.verify();
}

function unreachable(kind: string, endpoint: string): string {
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : endpoint;
  return `Unable to connect to ${kind} data source: HTTP request errored: Get "${endpoint}": dial tcp: lookup ${host}: no such host`;
}
