import { createHash } from 'node:crypto';
import type { NewObject } from '../api/objects';
import { KUBEVIRT_REGISTRY, KUBEVIRT_VERSION } from '../controllers/release';
import { PREFERENCES, type PreferenceEntry } from './catalogue-preferences';
import { SERIES, type Series, type Size } from './catalogue-series';
import { API_VERSION, GROUP } from './types';

/** The release of kubevirt/common-instancetypes that KubeVirt 1.9 deploys. */
const COMMON_VERSION = 'v1.7.0';
const VENDOR = 'kubevirt.io';
const DOCUMENTATION = 'https://github.com/kubevirt/common-instancetypes';

const MANAGED = {
  'app.kubernetes.io/component': 'kubevirt',
  'app.kubernetes.io/managed-by': 'virt-operator',
};

/** Of registry and version, which are all of a deployment that can differ here. */
const STRATEGY = createHash('sha1').update(`${KUBEVIRT_REGISTRY} ${KUBEVIRT_VERSION}`).digest('hex');

/** The 65 cluster instance types as virt-operator deploys them. `generation` is that of the KubeVirt resource. */
export function clusterInstancetypes(generation: number): NewObject[] {
  return SERIES.flatMap((series) =>
    series.sizes.map((size) => clusterInstancetype(series, size, generation)),
  );
}

/** The 54 cluster preferences as virt-operator deploys them. `generation` is that of the KubeVirt resource. */
export function clusterPreferences(generation: number): NewObject[] {
  return PREFERENCES.map((entry) => clusterPreference(entry, generation));
}

function clusterInstancetype(series: Series, size: Size, generation: number): NewObject {
  const spec = series.spec(size);
  const { cpu, memory } = spec;
  const flags = {
    dedicatedCPUPlacement: cpu.dedicatedCPUPlacement,
    hugepages: memory.hugepages?.pageSize,
    isolateEmulatorThread: cpu.isolateEmulatorThread,
    numa: cpu.numa && true,
    realtime: cpu.realtime && true,
  };
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualMachineClusterInstancetype',
    metadata: {
      name: `${series.name}.${size.name}`,
      annotations: {
        [`${GROUP}/description`]: series.description,
        [`${GROUP}/displayName`]: series.title,
        ...installed(generation),
      },
      labels: {
        ...MANAGED,
        ...labels({
          class: series.class,
          'common-instancetypes-version': COMMON_VERSION,
          cpu: cpu.guest,
          'icon-pf': series.icon,
          memory: memory.guest,
          size: size.name,
          vendor: VENDOR,
          version: 1,
          ...flags,
        }),
      },
    },
    spec,
  };
}

function clusterPreference(
  { name, title, tags, icon, spec }: PreferenceEntry,
  generation: number,
): NewObject {
  const { cpu, memory } = spec.requirements ?? {};
  const arch = /\((amd64|arm64|s390x)\)$/.exec(title)?.[1];
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualMachineClusterPreference',
    metadata: {
      name,
      annotations: {
        iconClass: `icon-${icon}`,
        'openshift.io/display-name': title,
        'openshift.io/documentation-url': `"${DOCUMENTATION}"\n`,
        'openshift.io/provider-display-name': 'KubeVirt',
        'openshift.io/support-url': `"${DOCUMENTATION}/issues"\n`,
        tags: `hidden,kubevirt,${tags}`,
        ...installed(generation),
      },
      labels: {
        ...MANAGED,
        ...labels({
          arch,
          'common-instancetypes-version': COMMON_VERSION,
          'os-type': spec.annotations?.['vm.kubevirt.io/os'],
          'required-cpu': cpu?.guest,
          'required-memory': memory?.guest,
          vendor: VENDOR,
        }),
      },
    },
    spec,
  };
}

function installed(generation: number): Record<string, string> {
  return {
    'kubevirt.io/generation': String(generation),
    'kubevirt.io/install-strategy-identifier': STRATEGY,
    'kubevirt.io/install-strategy-registry': KUBEVIRT_REGISTRY,
    'kubevirt.io/install-strategy-version': KUBEVIRT_VERSION,
  };
}

/** Labels of the group, without those that say nothing. */
function labels(values: Record<string, string | number | boolean | undefined>): Record<string, string> {
  const said = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => [`${GROUP}/${name}`, String(value)]));
}
