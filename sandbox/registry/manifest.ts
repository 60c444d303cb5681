export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface ImageManifest {
  config?: Descriptor;
  layers: Descriptor[];
}

export interface ImageIndex {
  manifests: (Descriptor & { platform?: { architecture: string; os: string } })[];
}

/** All manifests that this client reads, Docker's and OCI's, as `Accept` header. */
export const MANIFEST_TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

/** @throws an Error in containerd's words for what is neither an image nor a list of images */
export function parseManifest(text: string): ImageManifest | ImageIndex {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`failed to unmarshal manifest: ${error instanceof Error ? error.message : error}`);
  }
  if (isObject(parsed) && isDescriptors(parsed.manifests)) return { manifests: parsed.manifests };
  if (isObject(parsed) && isDescriptors(parsed.layers)) return { layers: parsed.layers, ...config(parsed) };
  const version = isObject(parsed) ? parsed.schemaVersion : undefined;
  if (version === 1) {
    throw new Error(
      'media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported',
    );
  }
  throw new Error('unexpected media type for a manifest: it names neither layers nor manifests');
}

/** The image of a list for the machines that guests are. */
export function chooseImage({ manifests }: ImageIndex): Descriptor | undefined {
  return (
    manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64') ??
    // A list of one without a platform is that one.
    (manifests.length === 1 && !manifests[0]?.platform ? manifests[0] : undefined)
  );
}

/** What a node says that the image takes: everything as it is transferred. */
export function imageBytes(manifest: ImageManifest, manifestBytes: number): number {
  const parts = [...manifest.layers, ...(manifest.config ? [manifest.config] : [])];
  return parts.reduce((sum, { size }) => sum + size, manifestBytes);
}

function config({ config }: Record<string, unknown>): { config?: Descriptor } {
  return isDescriptor(config) ? { config } : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isDescriptor(value: unknown): value is Descriptor {
  return (
    isObject(value) &&
    typeof value.digest === 'string' &&
    /^sha256:[0-9a-f]{64}$/.test(value.digest) &&
    typeof value.size === 'number' &&
    value.size >= 0
  );
}

function isDescriptors(value: unknown): value is Descriptor[] {
  return Array.isArray(value) && value.every(isDescriptor);
}
