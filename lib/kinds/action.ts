import type { Ref } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import type { MessageKey, Text } from '@/lib/text';

/** One call of the API, as `callApi` takes it; `path` is below the API server's root. */
export interface ApiCall {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  contentType?: string;
}

/** What the user must be allowed to; asked by a SelfSubjectAccessReview in the object's namespace. */
export interface ActionAccess {
  /** Completes "You may not …": "start virtual machines". */
  doing: MessageKey;
  verb: string;
  resource: Resource;
  subresource?: string;
}

export type ActionGroup = 'power' | 'guest' | 'console' | 'diagnose' | 'manage' | 'danger';

interface ActionBase<Facts> {
  id: string;
  label: MessageKey;
  /** Actions with `danger` lose something. */
  tone: 'normal' | 'danger';
  group: ActionGroup;
  access: ActionAccess;
  /** Why the API would refuse it now; undefined when it would not. */
  unavailable: (facts: Facts) => Text | undefined;
}

/** Opens a page of the console. */
export interface LinkAction<Facts> extends ActionBase<Facts> {
  href: (ref: Ref) => string;
  /** Opens in the same tab: it is about the object itself, and not beside it. */
  here?: true;
}

/** What the watch says about an action that the API accepted; undefined while it says nothing yet. */
export type Settlement = 'done' | 'failed' | undefined;

/** Changes the cluster. Input is what a dialog asks for first, if anything. */
export interface CallAction<Facts, Input = undefined> extends ActionBase<Facts> {
  /** Sentences with `{name}` for the task: while it runs, and when its effect was seen. */
  doing: MessageKey;
  done: MessageKey;
  /** For what cannot be undone: asks, naming what will be lost. */
  confirm?: { title: MessageKey; loss: MessageKey };
  /** The calls, in order; the first that is refused ends it. */
  run: (ref: Ref, facts: Facts, input: Input) => ApiCall[];
  /** Absent when the API shows no trace of the effect; then its acceptance is all there is to see. */
  settled?: (before: Facts, now: Facts | undefined) => Settlement;
  /** After this long without `settled`, the task says so. */
  patienceMs: (facts: Facts) => number;
}
