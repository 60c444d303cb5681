import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { refusedLook } from '@/lib/kinds/vm/diagnose/gather';
import { type Look, type Looks, type Read, readsFor, type Target } from '@/lib/kinds/vm/diagnose/plan';
import type { LiveClient } from './live-client';
import type { LiveState } from './live-state';

/** Objects come in bursts, and each may name what to look at next. */
const TELL_MS = 100;
/** What cannot be watched is asked again. */
const POLL_MS = 5_000;
const LOG_LINES = '300';
/** Of an object no more than its name and labels: no value of a Secret comes into the browser. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface DiagnosisStore {
  get: () => Looks;
  /** Looks as long as somebody listens. */
  subscribe: (listener: () => void) => () => void;
}

/** Asks for what cannot be watched. */
export type Ask = (cluster: string, read: Read, signal: AbortSignal) => Promise<Look>;

const NOTHING: Looks = new Map();

/** Everything that a VM depends on, live: what comes in names what is looked at next, and what no longer matters goes. */
export function diagnosisStore(
  client: LiveClient,
  cluster: string,
  target: Target,
  ask: Ask = askOnce,
): DiagnosisStore {
  const open = new Map<string, { look: () => Look; close: () => void }>();
  const listeners = new Set<() => void>();
  let looks: Looks = NOTHING;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (listeners.size > 0) follow();
    }, TELL_MS);
  };
  const follow = () => {
    looks = new Map([...open].map(([key, { look }]) => [key, look()]));
    // Nothing is let go while the VM itself is unknown, e.g. while the socket is opened anew.
    const reads = readsFor(target, looks);
    for (const read of reads) if (!open.has(read.key)) open.set(read.key, begin(read));
    const wanted = new Set(reads.map(({ key }) => key));
    for (const [key, { close }] of open) {
      if (wanted.has(key)) continue;
      close();
      open.delete(key);
    }
    looks = new Map([...open].map(([key, { look }]) => [key, look()]));
    for (const listener of [...listeners]) listener();
  };
  const begin = (read: Read) => (read.kind === 'objects' ? watch(read) : poll(read));

  function watch(read: Extract<Read, { kind: 'objects' }>) {
    const { key: _, ...subscription } = read;
    const view = client.view(cluster, subscription);
    return { look: () => lookOf(view.get()), close: view.subscribe(tell) };
  }

  function poll(read: Read) {
    const abort = new AbortController();
    let look: Look = { sight: 'loading' };
    let next: ReturnType<typeof setTimeout> | undefined;
    const again = async () => {
      if (typeof document === 'undefined' || !document.hidden) {
        const answer = await ask(cluster, read, abort.signal);
        if (abort.signal.aborted) return;
        if (JSON.stringify(answer) !== JSON.stringify(look)) {
          look = answer;
          tell();
        }
      }
      // What is refused stays refused for as long as this page is looked at.
      if (look.sight !== 'denied') next = setTimeout(again, POLL_MS);
    };
    void again();
    const close = () => {
      abort.abort();
      clearTimeout(next);
    };
    return { look: () => look, close };
  }

  return {
    get: () => looks,
    subscribe: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) tell();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
        for (const { close } of open.values()) close();
        open.clear();
      };
    },
  };
}

function lookOf({ feed, arrived, objects }: LiveState): Look {
  if (feed.state === 'refused') return refusedLook(feed.error.code, feed.error.message);
  if (arrived) return { sight: 'seen', objects };
  return feed.state === 'paused' ? { sight: 'unreachable', words: feed.error.message } : { sight: 'loading' };
}

async function askOnce(cluster: string, read: Read, signal: AbortSignal): Promise<Look> {
  try {
    if (read.kind === 'log') {
      const path = resourcePath(read.resource, read.namespace, read.pod, 'log');
      const query = { container: read.container, tailLines: LOG_LINES };
      const { body } = await callApi<unknown>(cluster, path, { query, signal });
      return { sight: 'seen', objects: [], text: String(body ?? '') };
    }
    if (read.kind !== 'metadata') return { sight: 'loading' };
    // By a list: what is not there is an empty one, and no error in the browser's console.
    const query = { fieldSelector: `metadata.name=${read.name}` };
    const path = resourcePath(read.resource, read.namespace);
    const { body } = await callApi<{ items: K8sObject[] }>(cluster, path, {
      accept: METADATA_ONLY,
      query,
      signal,
    });
    return { sight: 'seen', objects: body.items };
  } catch (error) {
    if (!(error instanceof ApiError)) return { sight: 'loading' };
    return refusedLook(error.code, error.message);
  }
}
