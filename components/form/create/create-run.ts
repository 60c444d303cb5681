import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { MERGE_PATCH } from '@/lib/k8s/patch';
import type { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';
import { objectToCreate } from '@/lib/manifest/check';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import type { Step } from '@/lib/manifest/plan';
import { readRefusal, readWarnings, type Said } from '@/lib/manifest/server-words';

/** What became of one document. */
export type Outcome =
  | { state: 'checking' | 'sending' }
  /** The server would take it. */
  | { state: 'fine'; said: Said[] }
  /** Its namespace does not exist yet, so the server can't say. */
  | { state: 'later' }
  | { state: 'created' | 'applied'; said: Said[]; name: string; uid: string }
  /** An object of this name is there already. */
  | { state: 'exists'; error: ApiErrorJson }
  | { state: 'refused'; said: Said[]; rest: string[]; error: ApiErrorJson };

export interface Sending {
  call: typeof callApi;
  cluster: string;
}

/** Whether an object of the same name is to be changed instead of refused. */
export type Mode = 'create' | 'apply';

/** A step's identity as long as its document says the same: what is done stays done when other documents change. */
export function stepKey({ manifest, resource, namespace }: Step): string {
  const { group, plural } = resource;
  return JSON.stringify([group, plural, namespace, manifest.name || manifest.index, manifest.object]);
}

/** Asks the server whether it would take a document (`dryRun=All`); nothing is stored. */
export function checkStep(step: Step, mode: Mode, sending: Sending): Promise<Outcome> {
  return send(step, mode, sending, true);
}

export function sendStep(step: Step, mode: Mode, sending: Sending): Promise<Outcome> {
  return send(step, mode, sending, false);
}

async function send(step: Step, mode: Mode, { call, cluster }: Sending, isDry: boolean): Promise<Outcome> {
  const { manifest, resource, namespace } = step;
  const body = objectToCreate(manifest, namespace);
  const query: Record<string, string> = { fieldValidation: 'Warn', ...(isDry ? { dryRun: 'All' } : {}) };
  try {
    const reply =
      mode === 'apply' && manifest.name
        ? await call<ManifestObject>(cluster, resourcePath(resource, namespace, manifest.name), {
            method: 'PATCH',
            contentType: MERGE_PATCH,
            body,
            query,
          })
        : await call<ManifestObject>(cluster, resourcePath(resource, namespace), {
            method: 'POST',
            body,
            query,
          });
    const said = readWarnings(manifest, reply.warnings);
    if (isDry) return { state: 'fine', said };
    return {
      state: mode === 'apply' ? 'applied' : 'created',
      said,
      name: wordOf(reply.body, 'name') || manifest.name,
      uid: wordOf(reply.body, 'uid'),
    };
  } catch (error) {
    const told =
      error instanceof ApiError
        ? error
        : new ApiError(0, 'Unexpected', String(error), { method: '', path: '' });
    if (told.code === 409 && told.reason === 'AlreadyExists')
      return { state: 'exists', error: told.toJSON() };
    return { state: 'refused', ...readRefusal(manifest, told), error: told.toJSON() };
  }
}

function wordOf(object: unknown, field: 'name' | 'uid'): string {
  const metadata = isMapping(object) ? object.metadata : undefined;
  const value = isMapping(metadata) ? metadata[field] : undefined;
  return typeof value === 'string' ? value : '';
}

const NAMESPACES: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};

/** What is known of a namespace that documents need. `unknown`: the user may not look. */
export type NamespaceState = 'there' | 'missing' | 'unknown';

/**
 * Looks for a namespace by a list of one, because asking for it by name would be an error in the browser's log.
 * @throws ApiError when the cluster does not answer.
 */
export async function findNamespace(name: string, { call, cluster }: Sending): Promise<NamespaceState> {
  try {
    const { body } = await call<{ items?: unknown[] }>(cluster, resourcePath(NAMESPACES), {
      query: { fieldSelector: `metadata.name=${name}` },
    });
    return body.items?.length ? 'there' : 'missing';
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) return 'unknown';
    throw error;
  }
}

/**
 * Creates a namespace; one that someone else made meanwhile is as good, and nothing that this run has made.
 * @throws ApiError
 */
export async function createNamespace(name: string, { call, cluster }: Sending): Promise<Made | undefined> {
  try {
    const { body } = await call(cluster, resourcePath(NAMESPACES), {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });
    return { resource: NAMESPACES, namespace: undefined, name, uid: wordOf(body, 'uid') };
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
    return undefined;
  }
}

/** An object that a run has created, and may take back. */
export interface Made {
  resource: Resource;
  namespace: string | undefined;
  name: string;
  uid: string;
  /** Of the step that made it; absent for a namespace that no document describes. */
  key?: string;
}

export function isDone(outcome: Outcome | undefined): outcome is Outcome & { state: 'created' | 'applied' } {
  return outcome?.state === 'created' || outcome?.state === 'applied';
}

export interface RunOptions extends Sending {
  steps: readonly Step[];
  /** By `stepKey`; what is done is left alone. */
  outcomes: ReadonlyMap<string, Outcome>;
  modes: ReadonlyMap<string, Mode>;
  /** Namespaces that do not exist and that no document makes before it is needed. */
  missing: readonly string[];
  /** Told of each outcome as it comes. */
  tell: (key: string, outcome: Outcome) => void;
}

/** Asks the server about every document that is not done. Returns whether none was refused. */
export async function checkAll(options: RunOptions): Promise<boolean> {
  const unborn = new Set(options.missing);
  const made = new Set<string>();
  let isFine = true;
  for (const step of options.steps) {
    const key = stepKey(step);
    const isNamespace = step.resource.group === '' && step.resource.kind === 'Namespace';
    if (isDone(options.outcomes.get(key))) continue;
    if (isNamespace) made.add(step.manifest.name);
    if (step.namespace && (unborn.has(step.namespace) || made.has(step.namespace))) {
      options.tell(key, { state: 'later' });
      continue;
    }
    options.tell(key, { state: 'checking' });
    const outcome = await checkStep(step, options.modes.get(key) ?? 'create', options);
    options.tell(key, outcome);
    if (outcome.state !== 'fine') isFine = false;
  }
  return isFine;
}

/**
 * Creates everything in order: all is checked first, so that a mistake in the last document doesn't leave half of
 * them behind; then come the namespaces, then each document. Stops at the first refusal. Returns whether all is done.
 * @throws ApiError when a namespace is refused.
 */
export async function createAll(
  options: RunOptions & {
    newNamespaces: readonly string[];
    /** Told of each object that was created, in their order. */
    onMade?: (made: Made) => void;
  },
): Promise<boolean> {
  if (!(await checkAll(options))) return false;
  for (const name of options.newNamespaces) {
    const made = await createNamespace(name, options);
    if (made) options.onMade?.(made);
  }
  for (const step of options.steps) {
    const key = stepKey(step);
    if (isDone(options.outcomes.get(key))) continue;
    options.tell(key, { state: 'sending' });
    const outcome = await sendStep(step, options.modes.get(key) ?? 'create', options);
    options.tell(key, outcome);
    if (!isDone(outcome)) return false;
    // What was changed, not created, is not this run's to delete.
    if (outcome.state === 'created') {
      const { resource, namespace } = step;
      options.onMade?.({ resource, namespace, name: outcome.name, uid: outcome.uid, key });
    }
  }
  return true;
}
