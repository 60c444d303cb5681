import type { ClusterApi, KubeObject } from '../api/objects';
import { clock } from '../clock';
import { goDurationText } from '../go-duration';
import { type Credentials, credentialsFor } from '../registry/credentials';
import type { ImageDisk } from '../registry/image-disk';
import type { ImageStore } from '../registry/image-store';
import { parseImage } from '../registry/reference';
import { pullFailure } from './images';
import type { Container, Node, Pod, VirtualMachineInstance } from './types';

/** Even what is here already takes its time to be looked at. */
const FIRST_PULL_MS = 500;
/** As many as a kubelet names in its node's status. */
const NODE_IMAGES = 50;

export type PullOutcome =
  | { kind: 'pulling'; waitMs?: number }
  /** `message` is for the event; empty when it was told already. */
  | { kind: 'ready'; message: string; standIn?: string }
  | { kind: 'failed'; reason: 'ErrImagePull' | 'ErrImageNeverPull'; message: string };

type Policy = 'Always' | 'IfNotPresent' | 'Never';

interface Attempt {
  place: string;
  present: boolean;
  startedAt: number;
  result?: ImageDisk;
  tookMs?: number;
  told: boolean;
}

interface PullSecret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

/** The part of the kubelets that has container disks pulled, one attempt at a time for each container. */
export class ImagePulls {
  private readonly attempts = new Map<string, Attempt>();
  /** `node image` of what a node has. */
  private readonly present = new Set<string>();

  constructor(
    private readonly cluster: ClusterApi,
    private readonly images: ImageStore,
  ) {}

  /**
   * How the pull of a container disk stands; the first call begins it. `onStep` is called when there is something new;
   * `tell` says what the kubelet says of the pod.
   */
  look(
    pod: Pod,
    container: Container,
    path: string | undefined,
    {
      onStep,
      tell,
    }: { onStep: () => void; tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void },
  ): PullOutcome {
    const key = `${pod.metadata.uid} ${container.name}`;
    const { image } = container;
    const attempt = this.attempts.get(key);
    if (!attempt) {
      this.begin(key, pod, container, path, { onStep, tell });
      return { kind: 'pulling' };
    }
    const { result, tookMs = 0 } = attempt;
    if (!result) return { kind: 'pulling' };
    const waitMs = attempt.startedAt + FIRST_PULL_MS - clock.millis();
    if (!attempt.told && waitMs > 0) return { kind: 'pulling', waitMs };
    const failure = failureOf(image, result);
    if (failure) {
      this.attempts.delete(key);
      return { kind: 'failed', ...failure };
    }
    const isNews = !attempt.told;
    attempt.told = true;
    this.present.add(attempt.place);
    if (!isNews) return { kind: 'ready', message: '' };
    if (result.kind === 'unanswered') {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      const standIn = `${result.why}. The built-in guest runs in place of the image ${image}.`;
      return { kind: 'ready', message, ...(result.preloaded ? {} : { standIn }) };
    }
    if (result.kind === 'pulled') this.listOnNode(pod.spec.nodeName ?? '', image, result);
    if (attempt.present) {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      return { kind: 'ready', message };
    }
    const took = goDurationText(tookMs);
    const size = result.kind === 'pulled' ? ` Image size: ${result.imageBytes} bytes.` : '';
    const message = `Successfully pulled image "${image}" in ${took} (${took} including waiting).${size}`;
    return { kind: 'ready', message };
  }

  forget({ metadata }: Pod): void {
    for (const key of this.attempts.keys()) if (key.startsWith(`${metadata.uid} `)) this.attempts.delete(key);
  }

  private begin(
    key: string,
    pod: Pod,
    container: Container,
    path: string | undefined,
    {
      onStep,
      tell,
    }: { onStep: () => void; tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void },
  ): void {
    const { image } = container;
    const place = `${pod.spec.nodeName} ${image}`;
    const policy = policyOf(container);
    const isHere = this.present.has(place) || this.images.isPreloaded(image);
    const present = policy === 'Never' || (policy === 'IfNotPresent' && isHere);
    const attempt: Attempt = { place, present, startedAt: clock.millis(), told: false };
    this.attempts.set(key, attempt);
    const { credentials, missing } = this.credentials(pod, image);
    if (missing.length > 0) {
      const names = missing.map((name) => name).join(', ');
      tell(
        'Warning',
        'FailedToRetrieveImagePullSecret',
        `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`,
      );
    }
    if (!present) tell('Normal', 'Pulling', `Pulling image "${image}"`);
    const began = Date.now();
    const end = (result: ImageDisk) => {
      attempt.result = result;
      attempt.tookMs = Date.now() - began;
      onStep();
    };
    this.images
      .diskOf(image, { policy, credentials, ...(path === undefined ? {} : { path }) })
      // A full disk, say: the node's trouble, not the registry's.
      .catch(
        (error): ImageDisk => ({
          kind: 'failed',
          stage: 'pull',
          message: `failed to pull and unpack image "${image}": ${error}`,
        }),
      )
      .then(end);
  }

  /** What the pod's pull secrets hold for an image, in their order. */
  private credentials(
    { metadata, spec }: Pod,
    image: string,
  ): { credentials: Credentials[]; missing: string[] } {
    // Kubernetes' own field, which is not in the type of pods here.
    const names = ((spec.imagePullSecrets ?? []) as { name?: string }[]).map(({ name = '' }) => name);
    const secrets = names.map((name) => this.cluster.get<PullSecret>('secrets', metadata.namespace, name));
    const credentials = secrets.flatMap((secret) => {
      const encoded = secret?.data?.['.dockerconfigjson'] ?? secret?.data?.['.dockercfg'] ?? '';
      return credentialsFor(parseImage(image), Buffer.from(encoded, 'base64').toString('utf8'));
    });
    return { credentials, missing: names.filter((_, index) => !secrets[index]) };
  }

  /** A node says which images it has, and how large they are. */
  private listOnNode(
    node: string,
    image: string,
    { digest, imageBytes }: ImageDisk & { kind: 'pulled' },
  ): void {
    const { host, repository } = parseImage(image);
    const pinned = `${host}/${repository}@${digest}`;
    this.cluster.update<Node>('nodes', undefined, node, ({ status }) => {
      if (!status) return;
      // Ours, or what the seed wrote.
      const known = (status.images ?? []) as { names: string[]; sizeBytes?: number }[];
      if (known.some(({ names }) => names.includes(pinned) && names.includes(image))) return;
      const entry = { names: [...new Set([pinned, image])], sizeBytes: imageBytes };
      const others = known.filter(({ names }) => !names.includes(pinned) && !names.includes(image));
      status.images = [...others, entry].slice(-NODE_IMAGES);
    });
  }
}

function policyOf({ image, imagePullPolicy }: Container): Policy {
  if (imagePullPolicy === 'Always' || imagePullPolicy === 'IfNotPresent' || imagePullPolicy === 'Never') {
    return imagePullPolicy;
  }
  // As the API server sets it on pods.
  return parseImage(image).tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function failureOf(
  image: string,
  result: ImageDisk,
): { reason: 'ErrImagePull' | 'ErrImageNeverPull'; message: string } | undefined {
  // An image without a disk is an image: virt-handler finds that out.
  if (result.kind === 'failed') {
    if (result.stage === 'disk') return undefined;
    const never = result.message.endsWith('pull policy of Never');
    return { reason: never ? 'ErrImageNeverPull' : 'ErrImagePull', message: result.message };
  }
  if (result.kind === 'pulled' || result.preloaded) return undefined;
  const message = pullFailure(image, { bootable: true });
  return message === undefined ? undefined : { reason: 'ErrImagePull', message };
}

/** Where a launcher's container has its disk from: the volume behind it, if it is one of container disks. */
export function containerDiskOf(vmi: VirtualMachineInstance | undefined, { name }: Container) {
  return vmi?.spec.volumes?.find((volume) => `volume${volume.name}` === name)?.containerDisk;
}
