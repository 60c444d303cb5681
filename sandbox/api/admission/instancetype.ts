import {
  DEPRECATED_TOPOLOGIES,
  preferredTopology,
  SPREADS,
  spreadOptions,
  TOPOLOGIES,
} from '../../instancetype/topology';
import type { InstancetypeSpec, PreferenceSpec, SpecObject } from '../../instancetype/types';
import type { AdmissionRequest } from '../admission';
import { Findings } from './findings';
import { denied, type WebhookName } from './webhook';

const GROUP = 'instancetype.kubevirt.io';

/** The webhooks of instance types and preferences, namespaced and cluster-wide. */
export const INSTANCETYPE_WEBHOOKS = {
  ...webhooks('virtualmachineinstancetype', admitInstancetype),
  ...webhooks('virtualmachineclusterinstancetype', admitInstancetype),
  ...webhooks('virtualmachinepreference', admitPreference),
  ...webhooks('virtualmachineclusterpreference', admitPreference),
};

/** Adds what is wrong and returns the warnings. */
type Validation = (object: AdmissionRequest['object'], found: Findings) => string[];

function webhooks(singular: string, validate: Validation) {
  const webhook: WebhookName = `${singular}-validator.${GROUP}`;
  return {
    [`${singular}s.${GROUP}`]: {
      admit({ object }: AdmissionRequest): string[] {
        const found = new Findings();
        const warnings = validate(object, found);
        if (found.causes.length > 0) throw denied(webhook, found.causes);
        return warnings;
      },
    },
  };
}

function admitInstancetype(object: AdmissionRequest['object'], found: Findings): string[] {
  // The schema check came before.
  const { spec } = object as SpecObject<InstancetypeSpec>;
  const { overcommitPercent = 0, hugepages } = spec.memory;
  const field = 'spec.memory.overcommitPercent';
  if (overcommitPercent < 0 || overcommitPercent > 100) {
    found.invalid(field, `${field} '${overcommitPercent}': must be in range between 0 and 100.`);
  }
  if (overcommitPercent !== 0 && hugepages) {
    found.invalid(field, `${field} and spec.memory.hugepages should not be requested together.`);
  }
  const warning =
    'launchSecurity is deprecated and will be removed in a future release. Use preference instead.';
  return spec.launchSecurity ? [warning] : [];
}

function admitPreference(object: AdmissionRequest['object'], found: Findings): string[] {
  // The schema check came before. A preference may come without a spec.
  const { spec = {} } = object as Partial<SpecObject<PreferenceSpec>>;
  const topology = spec.cpu?.preferredCPUTopology;
  if (topology !== undefined && !TOPOLOGIES.includes(topology)) {
    found.invalid('spec.cpu.preferredCPUTopology', `unknown preferredCPUTopology ${topology}`);
  }
  if (preferredTopology(spec) === 'spread') checkSpread(spec, found);
  const replacement = topology && DEPRECATED_TOPOLOGIES[topology];
  if (!replacement) return [];
  return [
    `PreferredCPUTopology ${topology} is deprecated for removal in a future release, please use ${replacement} instead`,
  ];
}

function checkSpread(spec: PreferenceSpec, found: Findings): void {
  const { ratio, across } = spreadOptions(spec);
  if (!SPREADS.includes(across)) {
    found.invalid('spec.cpu.spreadOptions.across', `across ${across} is not supported`);
  } else if (across === 'CoresThreads' && ratio !== 2) {
    const text =
      'only a ratio of 2 (1 core 2 threads) is allowed when spreading vCPUs over cores and threads';
    found.invalid('spec.cpu.spreadOptions.ratio', text);
  }
}
