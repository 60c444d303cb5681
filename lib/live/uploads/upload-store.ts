import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { type JsonObject, valueAt, wordAt } from '@/lib/k8s/json';

const LOOK_EVERY_MS = 1_000;

/** What to fill, and how the volume for it is made. */
export interface UploadTarget {
  cluster: string;
  namespace: string;
  /** Of the DataVolume, and so of its claim. */
  name: string;
}

export type UploadState =
  /** The volume is being made, and its upload server started. `phase` in CDI's words. */
  | { step: 'preparing'; phase: string }
  | { step: 'sending'; sentBytes: number; totalBytes: number }
  /** All is there, and CDI turns it into a disk. `progress` in CDI's words. */
  | { step: 'processing'; progress: string }
  | { step: 'done' }
  /** The volume stays as it is: choosing the file again goes on from there. */
  | { step: 'failed'; error: ApiErrorJson };

export interface UploadDoors {
  /** Makes the DataVolume; one that is there already is used. */
  create(target: UploadTarget, volume: JsonObject): Promise<void>;
  read(target: UploadTarget): Promise<JsonObject>;
  send(
    target: UploadTarget,
    file: Blob,
    onProgress: (sentBytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Resolves after that many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** The uploads of this tab. They outlive the page that began them, and end with the tab. */
export class UploadStore {
  private readonly states = new Map<string, UploadState>();
  private readonly volumes = new Map<string, JsonObject>();
  private readonly stops = new Map<string, AbortController>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly doors: UploadDoors) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  stateOf(target: UploadTarget): UploadState | undefined {
    return this.states.get(keyOf(target));
  }

  /** Whether closing the tab would end something. */
  get isBusy(): boolean {
    return [...this.states.values()].some(({ step }) => step === 'preparing' || step === 'sending');
  }

  /** Makes the volume and fills it; resolves when it is there, or has failed. A second call for it goes on with it. */
  async start(target: UploadTarget, volume: JsonObject, file: Blob): Promise<void> {
    const key = keyOf(target);
    this.volumes.set(key, volume);
    this.stops.get(key)?.abort();
    const stop = new AbortController();
    this.stops.set(key, stop);
    const tell = (state: UploadState) => {
      if (stop.signal.aborted) return;
      this.states.set(key, state);
      for (const listener of this.listeners) listener();
    };
    try {
      tell({ step: 'preparing', phase: '' });
      await this.doors.create(target, volume);
      await this.untilPhase(target, stop.signal, 'UploadReady', (phase) =>
        tell({ step: 'preparing', phase }),
      );
      const totalBytes = file.size;
      tell({ step: 'sending', sentBytes: 0, totalBytes });
      await this.doors.send(
        target,
        file,
        (sentBytes) => tell({ step: 'sending', sentBytes, totalBytes }),
        stop.signal,
      );
      tell({ step: 'processing', progress: '' });
      await this.untilPhase(target, stop.signal, 'Succeeded', (_, progress) =>
        tell({ step: 'processing', progress }),
      );
      tell({ step: 'done' });
    } catch (cause) {
      if (stop.signal.aborted) return;
      tell({ step: 'failed', error: asError(cause, target).toJSON() });
    }
  }

  /** Begins anew what has failed; the file is chosen again, as it may have gone from the browser's reach. */
  async again(target: UploadTarget, file: Blob): Promise<void> {
    await this.start(target, this.volumes.get(keyOf(target)) ?? {}, file);
  }

  /** Stops sending; the volume stays. */
  stop(target: UploadTarget): void {
    const key = keyOf(target);
    this.stops.get(key)?.abort();
    const error = new ApiError(0, 'Stopped', 'The upload was stopped.', {
      method: 'POST',
      path: target.name,
    });
    this.states.set(key, { step: 'failed', error: error.toJSON() });
    for (const listener of this.listeners) listener();
  }

  private async untilPhase(
    target: UploadTarget,
    signal: AbortSignal,
    wanted: 'UploadReady' | 'Succeeded',
    tell: (phase: string, progress: string) => void,
  ): Promise<void> {
    for (;;) {
      const volume = await this.doors.read(target);
      signal.throwIfAborted();
      const phase = wordAt(volume, ['status', 'phase']);
      if (phase === wanted) return;
      const say = (words: string) =>
        new ApiError(409, 'Conflict', words, { method: 'POST', path: target.name });
      if (phase === 'Failed') throw say(`CDI gave the volume ${target.name} up.`);
      if (phase === 'Succeeded' || valueAt(volume, ['spec', 'source', 'upload']) === undefined)
        throw say(`There is a volume ${target.name} already, and it takes no upload: choose another name.`);
      tell(phase, wordAt(volume, ['status', 'progress']));
      await this.doors.wait(LOOK_EVERY_MS);
      signal.throwIfAborted();
    }
  }
}

function keyOf({ cluster, namespace, name }: UploadTarget): string {
  return `${cluster}/${namespace}/${name}`;
}

function asError(cause: unknown, { name }: UploadTarget): ApiError {
  if (cause instanceof ApiError) return cause;
  const words = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(0, 'Unknown', words, { method: 'POST', path: name });
}
