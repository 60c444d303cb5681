import type {
  K8sIoApiCoreV1NodeSelectorTerm,
  K8sIoApiCoreV1PodAffinityTerm,
  K8sIoApimachineryPkgApisMetaV1LabelSelector,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { StatusCause } from '../errors';
import { forbiddenValue, invalidValue, lineOf, requiredValue, unsupportedValue } from './field-error';
import type { Findings } from './findings';
import { dnsLabelErrors, dnsSubdomainErrors, qualifiedNameErrors } from './names';
import type { VmiSpec } from './types';

/** Affinity and spread constraints, with Kubernetes' rules for pods but KubeVirt's paths (no `affinity` in them). */
export function checkScheduling(at: string, spec: VmiSpec, found: Findings): void {
  for (const cause of [...affinityCauses(at, spec), ...spreadCauses(at, spec)]) {
    found.invalid(cause.field, lineOf(cause));
  }
}

function affinityCauses(at: string, { affinity }: VmiSpec): StatusCause[] {
  if (!affinity) return [];
  const causes: StatusCause[] = [];
  const node = affinity.nodeAffinity;
  if (node?.requiredDuringSchedulingIgnoredDuringExecution) {
    const path = `${at}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    const terms = node.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    if (!terms.length) causes.push(requiredValue(path, 'must have at least one node selector term'));
    for (const [index, term] of terms.entries()) causes.push(...termCauses(`${path}[${index}]`, term));
  }
  for (const [index, term] of (node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${at}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    causes.push(...weightCauses(path, term.weight), ...termCauses(`${path}.preference`, term.preference));
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity[kind];
    for (const [index, term] of (pods?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      const path = `${at}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`;
      causes.push(...podTermCauses(path, term));
    }
    for (const [index, term] of (pods?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      const path = `${at}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      causes.push(...weightCauses(path, term.weight));
      causes.push(...podTermCauses(`${path}.podAffinityTerm`, term.podAffinityTerm));
    }
  }
  return causes;
}

function weightCauses(path: string, weight: number): StatusCause[] {
  return weight >= 1 && weight <= 100
    ? []
    : [invalidValue(`${path}.weight`, weight, 'must be in the range 1-100')];
}

function termCauses(path: string, term: K8sIoApiCoreV1NodeSelectorTerm): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [index, { key, operator, values = [] }] of (term.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    const op: string = operator;
    if (['In', 'NotIn'].includes(op)) {
      const why = "must be specified when `operator` is 'In' or 'NotIn'";
      if (!values.length) causes.push(requiredValue(`${at}.values`, why));
    } else if (['Exists', 'DoesNotExist'].includes(op)) {
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (values.length) causes.push(forbiddenValue(`${at}.values`, why));
    } else if (['Gt', 'Lt'].includes(op)) {
      const why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
      if (values.length !== 1) causes.push(requiredValue(`${at}.values`, why));
    } else {
      causes.push(invalidValue(`${at}.operator`, op, 'not a valid selector operator'));
    }
    causes.push(...qualifiedNameErrors(key).map((why) => invalidValue(`${at}.key`, key, why)));
  }
  return causes;
}

function podTermCauses(path: string, term: K8sIoApiCoreV1PodAffinityTerm): StatusCause[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term;
  const key = `${path}.topologyKey`;
  return [
    ...selectorCauses(`${path}.labelSelector`, labelSelector),
    ...selectorCauses(`${path}.namespaceSelector`, namespaceSelector),
    ...namespaces.flatMap((name) =>
      dnsLabelErrors(name).map((why) => invalidValue(`${path}.namespace`, name, why)),
    ),
    ...(topologyKey ? [] : [requiredValue(key, 'can not be empty')]),
    ...qualifiedNameErrors(topologyKey).map((why) => invalidValue(key, topologyKey, why)),
  ];
}

function selectorCauses(
  path: string,
  selector: K8sIoApimachineryPkgApisMetaV1LabelSelector | undefined,
): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const key of Object.keys(selector?.matchLabels ?? {})) {
    causes.push(...qualifiedNameErrors(key).map((why) => invalidValue(`${path}.matchLabels`, key, why)));
  }
  for (const [index, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    if (['In', 'NotIn'].includes(operator)) {
      const why = "must be specified when `operator` is 'In' or 'NotIn'";
      if (!values.length) causes.push(requiredValue(`${at}.values`, why));
    } else if (['Exists', 'DoesNotExist'].includes(operator)) {
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (values.length) causes.push(forbiddenValue(`${at}.values`, why));
    } else {
      causes.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
    }
    causes.push(...qualifiedNameErrors(key).map((why) => invalidValue(`${at}.key`, key, why)));
  }
  return causes;
}

const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];

function spreadCauses(at: string, { topologySpreadConstraints = [] }: VmiSpec): StatusCause[] {
  return topologySpreadConstraints.flatMap((constraint, index) => {
    const path = `${at}.topologySpreadConstraints[${index}]`;
    const { maxSkew, topologyKey, labelSelector } = constraint;
    const when: string = constraint.whenUnsatisfiable;
    const causes: StatusCause[] = [];
    if (maxSkew <= 0) causes.push(invalidValue(`${path}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) causes.push(requiredValue(`${path}.topologyKey`, 'can not be empty'));
    else {
      const key = `${path}.topologyKey`;
      causes.push(...dnsOrQualified(topologyKey).map((why) => invalidValue(key, topologyKey, why)));
    }
    if (!UNSATISFIABLE.includes(when)) {
      causes.push(unsupportedValue(`${path}.whenUnsatisfiable`, when, UNSATISFIABLE));
    }
    return [...causes, ...selectorCauses(`${path}.labelSelector`, labelSelector)];
  });
}

const dnsOrQualified = (key: string) => (dnsSubdomainErrors(key).length ? qualifiedNameErrors(key) : []);
