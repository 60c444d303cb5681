import { describe, expect, it } from 'vitest';
import { seededSchema, workingSchema } from '../api/custom/structural';
import { schemaCauses } from '../api/custom/validation';
import type { KubeObject } from '../api/objects';
import { definition, schemaName } from '../api/schema/definitions';
import { pruneUnknownFields } from '../api/schema/unknown-fields';
import { clusterInstancetypes, clusterPreferences } from './catalogue';

const instancetypes = clusterInstancetypes(1);
const preferences = clusterPreferences(1);
const named = (list: typeof preferences, name: string) => list.find(({ metadata }) => metadata.name === name);

describe('the common instance types', () => {
  it('are as many as KubeVirt deploys, each with a name of its own', () => {
    expect(new Set(instancetypes.map(({ metadata }) => metadata.name)).size).toBe(65);
    expect(new Set(preferences.map(({ metadata }) => metadata.name)).size).toBe(54);
  });

  it.each(
    [...instancetypes, ...preferences].map((object) => [`${object.kind} ${object.metadata.name}`, object]),
  )('%s conforms to its schema', (_name, object) => {
    const copy = structuredClone(object) as KubeObject;
    const schema = definition(schemaName('instancetype.kubevirt.io', copy.kind) ?? '');
    expect(pruneUnknownFields(copy, schema)).toEqual([]);
    const served = seededSchema('instancetype.kubevirt.io', copy.kind);
    expect(served && schemaCauses(copy, workingSchema(served))).toEqual([]);
  });

  it('say in labels what they give', () => {
    expect(named(instancetypes, 'cx1.large1gi')).toMatchObject({
      metadata: {
        labels: {
          'app.kubernetes.io/managed-by': 'virt-operator',
          'instancetype.kubevirt.io/class': 'compute.exclusive',
          'instancetype.kubevirt.io/cpu': '2',
          'instancetype.kubevirt.io/dedicatedCPUPlacement': 'true',
          'instancetype.kubevirt.io/hugepages': '1Gi',
          'instancetype.kubevirt.io/memory': '4Gi',
          'instancetype.kubevirt.io/numa': 'true',
          'instancetype.kubevirt.io/size': 'large1gi',
        },
      },
    });
    expect(named(preferences, 'rhel.9.arm64')?.metadata.labels).toMatchObject({
      'instancetype.kubevirt.io/arch': 'arm64',
      'instancetype.kubevirt.io/os-type': 'linux',
      'instancetype.kubevirt.io/required-memory': '1.5Gi',
    });
  });
});
