import { pullFailure } from '../controllers/images';
import type { ImageStore } from '../registry/image-store';
import { parseImage } from '../registry/reference';
import type { ImportJob } from './import-job';
import { TransferError } from './transfer/transfer-error';

/** Where the images of registries come from, as far as imports ask. */
export type RegistryImages = Pick<ImageStore, 'diskOf' | 'digestOf'>;

export type FoundImage =
  | { kind: 'file'; path: string; format: 'raw' | 'qcow2' }
  /** `why`: where a host did not answer; undefined for an image that the nodes have. */
  | { kind: 'built-in'; why: string | undefined };

/**
 * The disk in a registry's image; or the built-in image where no registry answers, unless the name says that there is
 * none. `onShare` hears how much of it has come, from 0 to 1. @throws TransferError in the words of CDI's importer.
 */
export async function findImage(
  { endpoint, http, insecure }: ImportJob,
  images: RegistryImages | undefined,
  onShare: (share: number) => void,
): Promise<FoundImage> {
  if (!endpoint.startsWith('docker://')) return { kind: 'built-in', why: undefined };
  const reference = endpoint.slice('docker://'.length);
  const { credentials, trusted } = http;
  const found = await images?.diskOf(reference, {
    insecure,
    ...(trusted.length > 0 ? { ca: trusted.join('\n') } : {}),
    ...(credentials ? { credentials: [{ username: credentials.user, password: credentials.password }] } : {}),
    onProgress: (done, total) => onShare(total > 0 ? done / total : 0),
  });
  if (found?.kind === 'pulled') return { kind: 'file', path: found.path, format: found.format };
  if (found?.kind === 'failed') throw failed(found.message);
  const failure = pullFailure(reference, { bootable: true });
  if (!failure) {
    const why = found && !found.preloaded ? standInSentence(reference, found.why) : undefined;
    return { kind: 'built-in', why };
  }
  const { host, repository, tag } = parseImage(reference);
  const why = failure.includes('no such host')
    ? `pinging container registry ${host}: Get "https://${host}/v2/": dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`
    : `reading manifest ${tag} in ${host}/${repository}: manifest unknown`;
  throw failed(`Could not create image reference: ${why}`);
}

function standInSentence(reference: string, why: string): string {
  return `${why}. The built-in image stands in for ${reference}.`;
}

function failed(words: string): TransferError {
  return new TransferError(
    `Unable to transfer source data to scratch space: Failed to read registry image: ${words}`,
  );
}
