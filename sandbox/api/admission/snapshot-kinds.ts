import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import type { ClusterApi, KubeObject } from '../objects';
import { Findings } from './findings';
import { denied, type WebhookName } from './webhook';

interface Reference {
  apiGroup?: string;
  kind?: string;
  name?: string;
}

interface Restore extends KubeObject {
  spec: {
    target: Reference;
    targetReadinessPolicy?: string;
    patches?: string[];
    volumeRestorePolicy?: string;
    volumeOwnershipPolicy?: string;
    volumeRestoreOverrides?: {
      volumeName?: string;
      restoreName?: string;
      labels?: object;
      annotations?: object;
    }[];
  };
  status?: { complete?: boolean };
}

interface Clone extends KubeObject {
  spec: {
    source?: Reference;
    target?: Reference;
    labelFilters?: string[];
    annotationFilters?: string[];
    template?: { labelFilters?: string[]; annotationFilters?: string[] };
    newMacAddresses?: Record<string, string>;
    patches?: string[];
    volumeNamePolicy?: string;
  };
}

type Check = (request: AdmissionRequest, found: Findings, cluster: ClusterApi) => void;

const GROUP = 'snapshot.kubevirt.io';
const RESTORES = `virtualmachinerestores.${GROUP}`;
const IMMUTABLE = 'spec in immutable after creation';
const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;

/** The webhooks of snapshots, restores, clones and exports. Mirrors the admitters in pkg/storage and virt-api. */
export const SNAPSHOT_WEBHOOKS = {
  [`virtualmachinesnapshots.${GROUP}`]: webhook(`virtualmachinesnapshot-validator.${GROUP}`, checkSnapshot),
  [RESTORES]: webhook(`virtualmachinerestore-validator.${GROUP}`, checkRestore),
  'virtualmachineclones.clone.kubevirt.io': webhook('vm-clone-validator.kubevirt.io', checkClone),
  'virtualmachineexports.export.kubevirt.io': webhook(
    'virtualmachineexport-validator.export.kubevirt.io',
    checkExport,
  ),
};

function webhook(name: WebhookName, check: Check) {
  return {
    admit(request: AdmissionRequest, cluster: ClusterApi): string[] {
      const found = new Findings();
      check(request, found, cluster);
      if (found.causes.length > 0) throw denied(name, found.causes);
      return [];
    },
  };
}

/** Whether the request is an update, whose spec must stay as it was. */
function isUpdate({ object, oldObject }: AdmissionRequest, found: Findings): boolean {
  if (!oldObject) return false;
  if (!isDeepStrictEqual(object.spec, oldObject.spec)) found.invalid('spec', IMMUTABLE);
  return true;
}

function checkMachine(field: string, { apiGroup, kind }: Reference, found: Findings): boolean {
  const before = found.causes.length;
  if (apiGroup === undefined) found.notFound(`${field}.apiGroup`, 'missing apiGroup');
  else if (apiGroup !== 'kubevirt.io') found.invalid(`${field}.apiGroup`, 'invalid apiGroup');
  else if (kind !== 'VirtualMachine') found.invalid(`${field}.kind`, 'invalid kind');
  return found.causes.length === before;
}

function checkSnapshot(request: AdmissionRequest, found: Findings): void {
  if (isUpdate(request, found)) return;
  const { source } = request.object.spec as { source: Reference };
  checkMachine('spec.source', source, found);
}

function checkRestore(request: AdmissionRequest, found: Findings, cluster: ClusterApi): void {
  const { spec, metadata } = request.object as Restore;
  if (isUpdate(request, found)) return;
  spec.targetReadinessPolicy ??= 'WaitGracePeriod';
  if (checkMachine('spec.target', spec.target, found)) {
    checkPatches(spec.patches ?? [], found);
    checkOverrides(spec, found);
    checkPolicy(
      'volume restore',
      'volumeRestorePolicy',
      spec.volumeRestorePolicy,
      ['InPlace', 'RandomizeNames', 'PrefixTargetName'],
      found,
    );
    checkPolicy(
      'volume ownership',
      'volumeOwnershipPolicy',
      spec.volumeOwnershipPolicy,
      ['Vm', 'None'],
      found,
    );
  }
  for (const other of cluster.list<Restore>(RESTORES, metadata.namespace)) {
    if (other.status?.complete || !isDeepStrictEqual(other.spec.target, spec.target)) continue;
    found.invalid('spec.target', `VirtualMachineRestore "${other.metadata.name}" in progress`);
  }
}

/** KubeVirt takes patches apart at commas and colons, so that no patch can hold an object. */
function checkPatches(patches: readonly string[], found: Findings): void {
  const field = 'spec.patches';
  for (const part of patches.flatMap((patch) => patch.replaceAll(/^[{}]+|[{}]+$/g, '').split(','))) {
    const [key = '', value = '', ...rest] = part.split(':');
    if (part.split(':').length !== 2 || rest.length > 0) {
      found.invalid(
        field,
        `patch format is not valid - one ":" expected in a single key-value json patch: ${part}`,
      );
    } else if (
      key.trim() === '"path"' &&
      !/^"\/(spec|metadata\/labels|metadata\/annotations)\//.test(value.trim())
    ) {
      found.invalid(field, `patching is valid only for elements under /spec/ only: ${part}`);
    }
  }
}

function checkOverrides({ volumeRestoreOverrides = [] }: Restore['spec'], found: Findings): void {
  for (const [index, override] of volumeRestoreOverrides.entries()) {
    const field = `spec.volumeRestoreOverrides[${index}]`;
    if (!override.volumeName) found.required(`${field}.volumeName`, 'must provide a volume name');
    if (!override.restoreName && !override.annotations && !override.labels) {
      // Their spelling.
      found.required(field, 'must provide at least one overriden field');
    }
  }
}

function checkPolicy(
  what: string,
  field: string,
  policy: string | undefined,
  known: readonly string[],
  found: Findings,
): void {
  if (policy === undefined || known.includes(policy)) return;
  found.invalid(`spec.${field}`, `${what} policy "${policy}" doesn't exist`);
}

function checkClone({ object, oldObject }: AdmissionRequest, found: Findings): void {
  const { spec } = object as Clone;
  if (!oldObject && spec.source?.name) {
    const suffix = randomBytes(4).toString('hex').slice(0, 5);
    spec.target ??= { name: `clone-${spec.source.name}-${suffix}` };
    spec.target.apiGroup ||= 'kubevirt.io';
    spec.target.kind ||= 'VirtualMachine';
    spec.target.name ||= `clone-${spec.source.name}-${suffix}`;
  }
  checkFilters('spec.annotations', spec.annotationFilters, found);
  checkFilters('spec.labels', spec.labelFilters, found);
  checkFilters('spec.template.annotations', spec.template?.annotationFilters, found);
  checkFilters('spec.template.labels', spec.template?.labelFilters, found);
  const { source = {}, target } = spec;
  if (!['VirtualMachine', 'VirtualMachineSnapshot'].includes(source.kind ?? '')) {
    found.invalid('spec.Source.Kind', 'Source kind is not supported');
  }
  if (target && target.kind !== 'VirtualMachine') {
    found.invalid('spec.Target.Kind', 'Target kind is not supported');
  }
  if (!source.apiGroup) found.invalid('spec.Source.APIGroup', "Source's APIGroup cannot be empty");
  if (!source.kind) found.invalid('spec.Source', "Source's Kind cannot be empty");
  if (!source.name) found.invalid('spec.Source.Name', "Source's name cannot be empty");
  if (
    target &&
    source.kind === 'VirtualMachine' &&
    target.kind === source.kind &&
    target.name === source.name
  ) {
    const text = 'Target name cannot be equal to source name when both are VirtualMachines';
    found.invalid('spec.target.name', text);
  }
  for (const [nic, mac] of Object.entries(spec.newMacAddresses ?? {})) {
    if (mac === '' || MAC.test(mac)) continue;
    found.invalid(`spec.newMacAddresses.${nic}`, `interface ${nic} has malformed MAC address (${mac}).`);
  }
  for (const [index, patch] of (spec.patches ?? []).entries()) {
    if (!isJson(patch)) found.invalid(`spec.patches[${index}]`, `patch is not valid JSON (${patch})`);
  }
  if (spec.volumeNamePolicy !== undefined && spec.volumeNamePolicy !== 'RandomizeNames') {
    found.notSupported(
      'spec.volumeNamePolicy',
      `VolumeNamePolicy "${spec.volumeNamePolicy}" is not supported`,
    );
  }
}

function checkFilters(field: string, filters: readonly string[] = [], found: Findings): void {
  for (const filter of filters) {
    if (filter === '!') found.invalid(field, 'a negation character is not a valid filter');
    if (filter.length < 2) continue;
    const wrong = (what: string, character: string, rule: string) =>
      found.invalid(
        field,
        `${field} filter ${filter} is invalid: cannot contain a ${what} character (${character}); FilterRules: ${rule}`,
      );
    if (filter.slice(1).includes('!')) {
      wrong('negation', '!', 'NegationChar can be only used at the beginning of the filter');
    }
    if (filter.slice(0, -1).includes('*')) {
      wrong('wildcard', '*', 'WildcardChar can be only at the end of the filter');
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function checkExport(request: AdmissionRequest, found: Findings): void {
  if (isUpdate(request, found)) return;
  const { source } = request.object.spec as { source: Reference };
  const field = 'spec.source';
  const rules: Record<string, { what: string; group: string }> = {
    VirtualMachine: { what: 'VM', group: 'kubevirt.io' },
    VirtualMachineSnapshot: { what: 'VMSnapshot', group: GROUP },
  };
  const rule = rules[source.kind ?? ''];
  if (source.kind === 'PersistentVolumeClaim') {
    if (!source.name) found.invalid(`${field}.name`, 'PVC name must not be empty');
    if (source.apiGroup) found.invalid(`${field}.APIGroup`, 'PVC API group must be missing or blank');
  } else if (rule) {
    const name = rule.what === 'VM' ? 'Virtual Machine' : rule.what;
    if (!source.name) found.invalid(`${field}.name`, `${name} name must not be empty`);
    if (source.apiGroup !== rule.group) {
      found.invalid(`${field}.APIGroup`, `${rule.what} API group must be ${rule.group}`);
    }
  } else found.invalid(`${field}.kind`, 'invalid kind');
}
