import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import type { StatusCause } from '../errors';
import { type LabelSelection, selects } from '../label-selection';
import type { KubeObject } from '../objects';
import { type PodSpec, podSpecCauses } from './core-pod';
import { invalidValue, requiredValue, unsupportedValue } from './field-error';

interface WorkloadSpec {
  replicas?: number;
  selector?: LabelSelection;
  template?: { metadata?: { labels?: Record<string, string> }; spec?: PodSpec };
}

interface Rules {
  /** Jobs get a selector of their own accord. */
  needsSelector: boolean;
  /** What the template's pods may do when they end. */
  restartPolicies: string[];
}

const FOR_EVER: Rules = { needsSelector: true, restartPolicies: ['Always'] };

/** The kinds that carry a pod template, by group and resource. */
export const WORKLOAD_GROUPS: Readonly<Record<string, Readonly<Record<string, Rules>>>> = {
  apps: { deployments: FOR_EVER, replicasets: FOR_EVER, statefulsets: FOR_EVER, daemonsets: FOR_EVER },
  batch: { jobs: { needsSelector: false, restartPolicies: ['OnFailure', 'Never'] } },
};

/** The part of ValidateDeployment and its like that hand-written workloads run into. */
export function workloadCauses({ group, resource, object, oldObject }: AdmissionRequest): StatusCause[] {
  const rules = WORKLOAD_GROUPS[group]?.[resource];
  if (!rules) return [];
  const { replicas, selector, template } = specOf(object);
  const causes: StatusCause[] = [];
  if (replicas !== undefined && replicas < 0) {
    causes.push(invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'));
  }
  if (rules.needsSelector) causes.push(...selectorCauses(selector, template));
  if (oldObject && !isDeepStrictEqual(selector, specOf(oldObject).selector)) {
    causes.push(invalidValue('spec.selector', selector, 'field is immutable'));
  }
  const pod = template?.spec ?? {};
  causes.push(...podSpecCauses(pod, 'spec.template.spec'));
  const policy = pod.restartPolicy ?? 'Always';
  if (!rules.restartPolicies.includes(policy)) {
    causes.push(unsupportedValue('spec.template.spec.restartPolicy', policy, rules.restartPolicies));
  }
  return causes;
}

// Decoding has made sure of the shape.
const specOf = (object: KubeObject): WorkloadSpec => object.spec ?? {};

function selectorCauses(
  selector: WorkloadSpec['selector'],
  template: WorkloadSpec['template'],
): StatusCause[] {
  if (!selector) return [requiredValue('spec.selector')];
  const isEmpty =
    Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  if (isEmpty) return [invalidValue('spec.selector', selector, 'empty selector is invalid for deployment')];
  const labels = template?.metadata?.labels;
  if (selects(selector, labels)) return [];
  return [
    invalidValue(
      'spec.template.metadata.labels',
      labels ?? null,
      '`selector` does not match template `labels`',
    ),
  ];
}
