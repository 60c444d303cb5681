import { text } from '@/lib/text';
import { labelKeyProblem, labelValueProblem } from '../labels';
import type { Field } from './field';
import { pairsField } from './make-field';

type Pairs = Readonly<Record<string, string>>;

/** The limit of Kubernetes for all annotations of an object together. */
const ANNOTATIONS_MAX_BYTES = 256 * 1024;
/** What kubectl apply keeps for itself: a copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const TEMPLATE = ['spec', 'template', 'metadata'] as const;

const OF_LABELS = {
  problem: (pairs: Pairs) => {
    for (const [key, value] of Object.entries(pairs)) {
      const problem = labelKeyProblem(key) ?? labelValueProblem(value);
      if (problem) return problem;
    }
    return undefined;
  },
};
const OF_ANNOTATIONS = {
  isHidden: (key: string) => key === LAST_APPLIED,
  problem: (pairs: Pairs) => {
    for (const key of Object.keys(pairs)) {
      const problem = labelKeyProblem(key);
      if (problem) return problem;
    }
    const bytes = Object.entries(pairs).reduce(
      (sum, pair) => sum + new TextEncoder().encode(pair.join('')).length,
      0,
    );
    return bytes > ANNOTATIONS_MAX_BYTES ? text('devices.labels.tooMuch') : undefined;
  },
};

export const LABELS = pairsField('labels', ['metadata', 'labels'], OF_LABELS);
export const ANNOTATIONS = pairsField('annotations', ['metadata', 'annotations'], OF_ANNOTATIONS);
export const TEMPLATE_LABELS = pairsField('template-labels', [...TEMPLATE, 'labels'], OF_LABELS);
export const TEMPLATE_ANNOTATIONS = pairsField(
  'template-annotations',
  [...TEMPLATE, 'annotations'],
  OF_ANNOTATIONS,
);

export const LABEL_FIELDS: readonly Field<unknown>[] = [
  LABELS,
  ANNOTATIONS,
  TEMPLATE_LABELS,
  TEMPLATE_ANNOTATIONS,
];
