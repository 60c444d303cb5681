import { createReadStream } from 'node:fs';
import { pullFailure } from '../controllers/images';
import { parseImage } from '../registry/reference';
import type { ImportJob } from './import-job';
import { TransferError } from './transfer/transfer-error';

/** Where the images of registries come from, as far as imports ask. */
export interface RegistryImages {
  diskOf(
    reference: string,
    options: {
      insecure: boolean;
      credentials?: { user: string; password: string };
      trusted: readonly string[];
    },
    signal: AbortSignal,
  ): Promise<
    | { kind: 'pulled'; path: string; bytes: number }
    | { kind: 'unanswered'; why: string }
    | { kind: 'failed'; message: string }
  >;
}

export type FoundImage =
  | { kind: 'file'; stream: AsyncIterable<Buffer>; bytes: number }
  /** `why`: where a host did not answer; undefined for an image that the nodes have. */
  | { kind: 'built-in'; why: string | undefined };

/**
 * The disk in a registry's image; or the built-in image where no registry answers, unless the name says that there is
 * none. @throws TransferError in the words of CDI's importer.
 */
export async function findImage(
  { endpoint, http, insecure }: ImportJob,
  images: RegistryImages | undefined,
  signal: AbortSignal,
): Promise<FoundImage> {
  if (!endpoint.startsWith('docker://')) return { kind: 'built-in', why: undefined };
  const reference = endpoint.slice('docker://'.length);
  const { credentials, trusted } = http;
  const found = await images?.diskOf(
    reference,
    { insecure, trusted, ...(credentials ? { credentials } : {}) },
    signal,
  );
  // Node's file streams yield buffers as long as nobody sets an encoding.
  if (found?.kind === 'pulled')
    return {
      kind: 'file',
      stream: createReadStream(found.path, { highWaterMark: 1 << 20 }),
      bytes: found.bytes,
    };
  if (found?.kind === 'failed') throw failed(`Failed to read registry image: ${found.message}`);
  const failure = pullFailure(reference, { bootable: true });
  if (!failure) return { kind: 'built-in', why: found?.why };
  const { host, repository, tag } = parseImage(reference);
  const why = failure.includes('no such host')
    ? `pinging container registry ${host}: Get "https://${host}/v2/": dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`
    : `reading manifest ${tag} in ${host}/${repository}: manifest unknown`;
  throw failed(`Failed to read registry image: Could not create image reference: ${why}`);
}

function failed(words: string): TransferError {
  return new TransferError(`Unable to transfer source data to scratch space: ${words}`);
}
