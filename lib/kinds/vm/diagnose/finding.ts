import type { Resource } from '@/lib/k8s/resource';
import { type MessageKey, type Text, text } from '@/lib/text';

/** Everything that can be found out; each has its sentence and what to do in the catalogue. */
export type CauseId = CauseIn<MessageKey>;
type CauseIn<Key> = Key extends `diagnose.cause.${infer Cause}.is` ? Cause : never;

/** What a VM goes through from its volumes to its guest's own word, in order. */
export const STEPS = ['volumes', 'instance', 'scheduling', 'launcher', 'boot', 'agent'] as const;
export type StepId = (typeof STEPS)[number];

/**
 * `broken`: it does not come up, or does not work. `waiting`: for somebody. `attention`: it works, and something of it
 * does not. `progress`: by itself. `off`: as somebody wished. `note`: worth knowing. `fine`.
 */
export type Severity = 'broken' | 'waiting' | 'attention' | 'progress' | 'off' | 'note' | 'fine';

/** An object that a sentence speaks of. */
export interface ObjectLink {
  resource: Resource;
  namespace?: string;
  name: string;
}

/** Where something can be done about it. */
export type Offer =
  | { kind: 'action'; id: 'start' | 'unpause' | 'restart' }
  /** The section of the VM's configuration. */
  | {
      kind: 'section';
      section: 'general' | 'size' | 'disks' | 'networks' | 'guest' | 'scheduling' | 'devices';
    }
  | { kind: 'console' }
  | { kind: 'object'; object: ObjectLink };

export interface Finding {
  cause: CauseId;
  severity: Severity;
  step: StepId;
  sentence: Text;
  /** Empty where nothing is to be done. */
  todo?: Text;
  /** The cluster's own words. */
  words: string[];
  about?: ObjectLink;
  offer?: Offer;
}

type Values = Record<string, string | number>;

/** Makes a finding with the catalogue's sentences for its cause. */
export function found(
  cause: CauseId,
  severity: Severity,
  step: StepId,
  values: Values = {},
  more: { words?: (string | undefined)[]; about?: ObjectLink; offer?: Offer } = {},
): Finding {
  const { words = [], about, offer } = more;
  return {
    cause,
    severity,
    step,
    sentence: text(`diagnose.cause.${cause}.is`, values),
    todo: text(`diagnose.cause.${cause}.todo`, values),
    words: [...new Set(words.flatMap((each) => each?.trim() || []))],
    ...(about ? { about } : {}),
    ...(offer ? { offer } : {}),
  };
}

/** Cuts what is too long to read in a sentence. */
export function short(words: string, most = 160): string {
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
