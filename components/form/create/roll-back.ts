import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { resourcePath } from '@/lib/k8s/resource';
import type { Made, Sending } from './create-run';

/** What became of one object that is taken back. */
export type TakenBack =
  | { state: 'removing' }
  | { state: 'removed' }
  /** The cluster took the deletion and has not finished it, as far as one can see. */
  | { state: 'lingering' }
  /** It was gone already, or another object has its name now, which is left alone. */
  | { state: 'gone' }
  | { state: 'refused'; error: ApiErrorJson };

export interface RollBackOptions extends Sending {
  /** In the order in which they were created. */
  made: readonly Made[];
  tell: (made: Made, outcome: TakenBack) => void;
  /** Waits before it is looked again; for tests. */
  pause?: (ms: number) => Promise<void>;
}

const LOOK_AGAIN_MS = 500;
const LOOKS = 60;

/**
 * Deletes what a run has created, the last first, each guarded by its uid so that nothing else of the same name goes.
 * A refusal of one does not keep the others. Tells of each as it goes, and waits until the cluster has removed it,
 * half a minute at most. Returns those that are left.
 */
export async function rollBack(options: RollBackOptions): Promise<Made[]> {
  const left: Made[] = [];
  const going: Made[] = [];
  for (const made of [...options.made].reverse()) {
    options.tell(made, { state: 'removing' });
    const outcome = await remove(made, options);
    options.tell(made, outcome);
    if (outcome.state === 'refused') left.unshift(made);
    if (outcome.state === 'removing') going.push(made);
  }
  await Promise.all(
    going.map(async (made) => {
      const isGone = await waitUntilGone(made, options);
      options.tell(made, { state: isGone ? 'removed' : 'lingering' });
    }),
  );
  return left;
}

async function remove(made: Made, { call, cluster }: RollBackOptions): Promise<TakenBack> {
  try {
    await call(cluster, resourcePath(made.resource, made.namespace, made.name), {
      method: 'DELETE',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: made.uid },
        propagationPolicy: 'Background',
      },
    });
    return { state: 'removing' };
  } catch (error) {
    const told = toApiError(error);
    // 409: the precondition failed, so this is another object.
    if (told.code === 404 || told.code === 409) return { state: 'gone' };
    return { state: 'refused', error: told.toJSON() };
  }
}

/** By a list of one, because asking for what is gone by its name would be an error in the browser's log. */
async function waitUntilGone(
  made: Made,
  { call, cluster, pause = sleep }: RollBackOptions,
): Promise<boolean> {
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      const { body } = await call<{ items?: { metadata?: { uid?: string } }[] }>(
        cluster,
        resourcePath(made.resource, made.namespace),
        { query: { fieldSelector: `metadata.name=${made.name}` } },
      );
      if (!body.items?.some(({ metadata }) => metadata?.uid === made.uid)) return true;
      await pause(LOOK_AGAIN_MS);
    }
  } catch {
    // Who may delete may not always list; the deletion itself was accepted.
  }
  return false;
}

function toApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(0, 'Unexpected', String(error), { method: 'DELETE', path: '' });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
