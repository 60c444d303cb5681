import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../errors';
import type { KubeObject } from '../objects';
import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  notFoundValue,
  requiredValue,
  unsupportedValue,
} from './field-error';
import { dnsLabelErrors } from './names';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

interface Container {
  name?: string;
  image?: string;
  imagePullPolicy?: string;
  volumeMounts?: { name?: string; mountPath?: string }[];
}

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  volumes?: { name?: string }[];
  restartPolicy?: string;
  activeDeadlineSeconds?: number;
  terminationGracePeriodSeconds?: number;
  tolerations?: unknown[];
  schedulingGates?: unknown[];
  nodeName?: string;
}

// The schema check has seen to the types.
const specOf = (pod: KubeObject): PodSpec => pod.spec ?? {};

export function podCauses(pod: KubeObject): StatusCause[] {
  return podSpecCauses(specOf(pod), 'spec');
}

/** The part of ValidatePodSpec that hand-written pods run into; `at` is where the spec stands in its object. */
export function podSpecCauses(spec: PodSpec, at: string): StatusCause[] {
  const { volumes = [], containers = [], initContainers = [], restartPolicy } = spec;
  const causes: StatusCause[] = [];
  const known = new Set<string>();
  for (const [index, { name }] of volumes.entries()) {
    causes.push(...nameCauses(`${at}.volumes[${index}].name`, name, known));
  }
  if (containers.length === 0) causes.push(requiredValue(`${at}.containers`));
  const used = new Set<string>();
  for (const [list, path] of [
    [containers, `${at}.containers`],
    [initContainers, `${at}.initContainers`],
  ] as const) {
    for (const [index, container] of list.entries()) {
      causes.push(...containerCauses(`${path}[${index}]`, container, used, known));
    }
  }
  if (restartPolicy !== undefined && !RESTART_POLICIES.includes(restartPolicy)) {
    causes.push(unsupportedValue(`${at}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  }
  return causes;
}

function nameCauses(field: string, name: string | undefined, taken: Set<string>): StatusCause[] {
  if (!name) return [requiredValue(field)];
  const wrong = dnsLabelErrors(name).map((why) => invalidValue(field, name, why));
  if (wrong.length === 0 && taken.has(name)) return [duplicateValue(field, name)];
  taken.add(name);
  return wrong;
}

function containerCauses(
  path: string,
  { name, image, imagePullPolicy, volumeMounts = [] }: Container,
  used: Set<string>,
  volumes: Set<string>,
): StatusCause[] {
  const causes = nameCauses(`${path}.name`, name, used);
  if (!image) causes.push(requiredValue(`${path}.image`));
  else if (image.trim() !== image) {
    causes.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  if (imagePullPolicy !== undefined && !PULL_POLICIES.includes(imagePullPolicy)) {
    causes.push(unsupportedValue(`${path}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES));
  }
  for (const [index, mount] of volumeMounts.entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount.name) causes.push(requiredValue(`${at}.name`));
    else if (!volumes.has(mount.name)) causes.push(notFoundValue(`${at}.name`, mount.name));
    if (!mount.mountPath) causes.push(requiredValue(`${at}.mountPath`));
  }
  return causes;
}

const UPDATE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod's spec is fixed, but for images, deadline and added tolerations. */
export function podUpdateCauses(pod: KubeObject, old: KubeObject): StatusCause[] {
  const same = isDeepStrictEqual(fixedPart(specOf(pod)), fixedPart(specOf(old)));
  return same ? [] : [forbiddenValue('spec', UPDATE_TEXT)];
}

function fixedPart(spec: PodSpec): PodSpec {
  const {
    activeDeadlineSeconds: _deadline,
    tolerations: _tolerations,
    schedulingGates: _gates,
    ...rest
  } = spec;
  const withoutImage = ({ image: _image, ...container }: Container) => container;
  return {
    ...rest,
    containers: rest.containers?.map(withoutImage),
    initContainers: rest.initContainers?.map(withoutImage),
  };
}
