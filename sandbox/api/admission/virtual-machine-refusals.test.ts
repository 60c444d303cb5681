import { describe, expect, it } from 'vitest';
import { devicesWith, refusal, vmWith } from './testing';

const PREFIX = 'admission webhook "virtualmachine-validator.kubevirt.io" denied the request: ';
const AT = 'spec.template.spec';
const NIC = `${AT}.domain.devices.interfaces`;

const nic = { name: 'default', masquerade: {} };
const disks = (...list: object[]) => ({ domain: devicesWith({ disks: list }) });
const nics = (...list: object[]) => ({ domain: devicesWith({ interfaces: list }) });
const domain = (fields: object) => ({ domain: { ...devicesWith({}), ...fields } });

describe('a VM that KubeVirt refuses', () => {
  it('answers with Status, causes and the webhook in the message', () => {
    expect(refusal(vmWith({}, { runStrategy: 'Nope' }))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `${PREFIX}Invalid RunStrategy (Nope)`,
      reason: 'Invalid',
      details: {
        causes: [
          { reason: 'FieldValueInvalid', message: 'Invalid RunStrategy (Nope)', field: 'spec.runStrategy' },
        ],
      },
      code: 422,
    });
  });

  const selector = (requirement: object) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [requirement] }],
        },
      },
    },
  });
  const TERM = `${AT}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]`;

  it.each<[string, object, string, string]>([
    [
      'a memory limit below the request',
      domain({ resources: { requests: { memory: '2048Mi' }, limits: { memory: '1Gi' } } }),
      `${AT}.domain.resources.requests.memory '2Gi' is greater than ${AT}.domain.resources.limits.memory '1Gi'`,
      `${AT}.domain.resources.requests.memory`,
    ],
    [
      'less memory than a megabyte',
      domain({ resources: { requests: { memory: '500Ki' } } }),
      `${AT}.domain.resources.requests.memory '500Ki': must be greater than or equal to 1M.`,
      `${AT}.domain.resources.requests.memory`,
    ],
    [
      'negative memory',
      domain({ resources: { requests: { memory: '-1Gi' } } }),
      `${AT}.domain.resources.requests.memory '-1Gi': must be greater than or equal to 0.`,
      `${AT}.domain.resources.requests.memory`,
    ],
    [
      'memory that is no multiple of its pages',
      domain({ memory: { guest: '3Mi', hugepages: { pageSize: '2Mi' } } }),
      `${AT}.domain.resources.requests.memory '3Mi' is not a multiple of the page size ${AT}.domain.hugepages.size '2Mi'`,
      `${AT}.domain.resources.requests.memory`,
    ],
    [
      'a CPU limit below the request',
      domain({ resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '500m' } } }),
      `${AT}.domain.resources.requests.cpu '2' is greater than ${AT}.domain.resources.limits.cpu '500m'`,
      `${AT}.domain.resources.requests.cpu`,
    ],
    [
      'an emulator thread of its own without dedicated CPUs',
      domain({ cpu: { isolateEmulatorThread: true }, memory: { guest: '1Gi' } }),
      'IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement',
      `${AT}.domain.cpu.isolateEmulatorThread`,
    ],
    [
      'an unknown CPU feature policy',
      domain({ cpu: { features: [{ name: 'vmx', policy: 'maybe' }] }, memory: { guest: '1Gi' } }),
      'CPU feature vmx uses policy maybe that is not supported.',
      `${AT}.domain.cpu.features[0].policy`,
    ],
    [
      'an unknown machine type',
      domain({ machine: { type: 'pdp11' }, memory: { guest: '1Gi' } }),
      `${AT}.domain.machine.type is not supported: pdp11 (allowed values: [q35* pc-q35*])`,
      `${AT}.domain.machine.type`,
    ],
    [
      'secure boot without SMM',
      domain({ firmware: { bootloader: { efi: {} } }, memory: { guest: '1Gi' } }),
      `${AT}.domain has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled.`,
      `${AT}.domain`,
    ],
    [
      'masquerade on another network than the pod network',
      { networks: [{ name: 'default', multus: { networkName: 'lan' } }] },
      'Masquerade interface only implemented with pod network',
      `${NIC}[0].name`,
    ],
    [
      'a network without an interface',
      nics(),
      `${AT}.networks[0].name 'default' not found.`,
      `${AT}.networks[0].name`,
    ],
    [
      'an unknown NIC model',
      nics({ ...nic, model: 'token-ring' }),
      `interface ${NIC}[0].name uses model token-ring that is not supported.`,
      `${NIC}[0].model`,
    ],
    [
      'a malformed MAC address',
      nics({ ...nic, macAddress: 'de:ad' }),
      `interface ${NIC}[0].name has malformed MAC address (de:ad).`,
      `${NIC}[0].macAddress`,
    ],
    [
      'a NIC without a binding',
      nics({ name: 'default' }),
      'logical default interface must have exactly one binding method or binding plugin',
      `${NIC}[0]`,
    ],
    [
      'a NIC with two bindings',
      nics({ ...nic, bridge: {} }),
      'logical default interface must have exactly one binding method or binding plugin',
      `${NIC}[0]`,
    ],
    ['a port of 0', nics({ ...nic, ports: [{ port: 0 }] }), 'Port field is mandatory.', `${NIC}[0].ports[0]`],
    [
      'an absent NIC on the default network',
      nics({ name: 'default', bridge: {}, state: 'absent' }),
      '"default" interface\'s state "absent" is not supported on default networks',
      `${NIC}[0].state`,
    ],
    [
      'an unknown eviction strategy',
      { evictionStrategy: 'Jump' },
      `${AT}.evictionStrategy is set with an unrecognized option: Jump`,
      `${AT}.evictionStrategy`,
    ],
    [
      'an unknown start strategy',
      { startStrategy: 'Slow' },
      `${AT}.startStrategy is set with an unrecognized option: Slow`,
      `${AT}.startStrategy`,
    ],
    [
      'a probe without a handler',
      { livenessProbe: { periodSeconds: 5 } },
      `either ${AT}.livenessProbe.tcpSocket, ${AT}.livenessProbe.exec or ${AT}.livenessProbe.httpGet must be set if a ${AT}.livenessProbe is specified`,
      `${AT}.livenessProbe`,
    ],
    [
      'an unknown DNS policy',
      { dnsPolicy: 'Carrier' },
      'DNSPolicy: Carrier is not supported, valid values: [ClusterFirstWithHostNet ClusterFirst Default None ]',
      `${AT}.dnsPolicy`,
    ],
    [
      'a node affinity with an unknown operator',
      selector({ key: 'zone', operator: 'Near' }),
      `${TERM}.operator: Invalid value: "Near": not a valid selector operator`,
      `${TERM}.operator`,
    ],
    [
      'a credential without a way in',
      {
        accessCredentials: [
          { sshPublicKey: { source: { secret: { secretName: 'k' } }, propagationMethod: {} } },
        ],
      },
      `${AT}.accessCredentials[0] must have exactly one propagationMethod set`,
      `${AT}.accessCredentials[0].sshPublicKey.propagationMethod`,
    ],
    [
      'another architecture',
      { architecture: 'arm64', ...domain({ machine: { type: 'virt' }, memory: { guest: '1Gi' } }) },
      `MultiArchitecture feature gate is not enabled in kubevirt-config, invalid entry ${AT}.architecture`,
      `${AT}.architecture`,
    ],
  ])('has %s', (_what, template, message, field) => {
    const status = refusal(vmWith(template as Record<string, unknown>));
    expect(status?.details?.causes).toEqual([{ reason: expect.any(String), message, field }]);
    expect(status).toMatchObject({ code: 422, reason: 'Invalid', message: PREFIX + message });
  });

  it('names every problem, joined by commas', () => {
    const template = { networks: [], domain: devicesWith({}) };
    expect(refusal(vmWith(template))?.message).toBe(
      `${PREFIX}Masquerade interface only implemented with pod network, ${NIC}[0].name 'default' not found.`,
    );
  });

  it('names ten problems and counts the rest', () => {
    const many = Array.from({ length: 13 }, (_, index) => ({ name: `d${index}`, disk: { bus: 'virtio' } }));
    const status = refusal(vmWith({ volumes: [], ...disks(...many) }));
    expect(status?.message).toMatch(/disks\[9\]\.Name 'd9' not found\., and 3 more validation errors$/);
    expect(status?.details?.causes).toHaveLength(13);
  });

  it.each<[string, object, string, string]>([
    [
      'neither running nor a run strategy',
      { runStrategy: undefined },
      'RunStrategy must be specified',
      'spec.running',
    ],
    [
      'both running and a run strategy',
      { running: true },
      'Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead',
      'spec.running',
    ],
    [
      'a data volume that no volume uses',
      {
        dataVolumeTemplates: [
          { metadata: { name: 'dv' }, spec: { source: { blank: {} }, storage: { resources: {} } } },
        ],
      },
      "DataVolumeTemplate entry spec.dataVolumeTemplate[0] must be referenced in the VMI template's 'volumes' list",
      'spec.dataVolumeTemplate[0]',
    ],
    [
      'a data volume without storage',
      { dataVolumeTemplates: [{ metadata: { name: 'dv' }, spec: { source: { blank: {} } } }] },
      'Missing Data volume PVC or Storage',
      'spec.dataVolumeTemplate[0].PVC.Storage',
    ],
  ])('has %s', (_what, spec, message, field) => {
    const vm = vmWith({}, spec as Record<string, unknown>);
    expect(refusal(vm)?.details?.causes).toEqual([{ reason: expect.any(String), message, field }]);
  });

  it('carries a reserved label in its template', () => {
    const vm = vmWith();
    Object.assign((vm.spec as { template: object }).template, {
      metadata: { labels: { 'kubevirt.io/nodeName': 'node-1' } },
    });
    expect(refusal(vm)?.message).toBe(
      `${PREFIX}creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited`,
    );
  });

  it('changes while a snapshot is taken', () => {
    const old = vmWith();
    const vm = vmWith({ terminationGracePeriodSeconds: 3 });
    vm.status = { snapshotInProgress: 'snap-1' };
    expect(refusal(vm, { oldObject: old })?.message).toBe(
      `${PREFIX}Cannot update VM spec until snapshot "snap-1" completes`,
    );
  });
});
