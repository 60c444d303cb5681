import { describe, expect, it } from 'vitest';
import { clusterFeatures, type KubeVirt } from './features';

type Configuration = NonNullable<NonNullable<KubeVirt['spec']>['configuration']>;

const kubevirt = (version: string, configuration: Configuration = {}): KubeVirt => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'KubeVirt',
  metadata: { name: 'kubevirt', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  spec: { configuration, workloadUpdateStrategy: { workloadUpdateMethods: ['LiveMigrate'] } },
  status: { observedKubeVirtVersion: version },
});
const gates = (featureGates: string[], disabledFeatureGates: string[] = []) => ({
  developerConfiguration: { featureGates, disabledFeatureGates },
});

describe('feature gates', () => {
  it.each([
    ['v1.9.0', gates([]), true, true],
    ['v1.9.0', gates([], ['DeclarativeHotplugVolumes']), false, false],
    ['v1.9.0', gates(['HotplugVolumes'], ['DeclarativeHotplugVolumes']), false, true],
    ['v1.8.1', gates([]), false, false],
    ['v1.8.1', gates(['DeclarativeHotplugVolumes']), true, true],
    ['v1.5.0', gates(['HotplugVolumes']), false, true],
    // The field wasn't there yet.
    ['v1.7.0', gates(['HotplugVolumes'], ['HotplugVolumes']), false, true],
    ['devel', gates([]), true, true],
  ])('of %s with %j: volumes by template %s, by call %s', (version, set, declarative, imperative) => {
    const features = clusterFeatures(kubevirt(version, set));
    expect([features.declarativeHotplug, features.imperativeHotplug]).toEqual([declarative, imperative]);
  });

  it('that are GA cannot be switched off', () => {
    const features = clusterFeatures(kubevirt('v1.9.0', gates([], ['HotplugNICs', 'LiveUpdateNADRef'])));
    expect([features.nicHotplug, features.networkSwap]).toEqual([true, true]);
    expect(clusterFeatures(kubevirt('v1.8.0', gates([], ['LiveUpdateNADRef']))).networkSwap).toBe(false);
  });

  it('that are alpha must be listed', () => {
    expect(clusterFeatures(kubevirt('v1.9.0')).hasGate('HostDisk')).toBe(false);
    expect(clusterFeatures(kubevirt('v1.9.0', gates(['HostDisk']))).hasGate('HostDisk')).toBe(true);
  });
});

describe('how changes are rolled out', () => {
  it.each([
    ['v1.9.0', {}, 'LiveUpdate'],
    ['v1.9.0', { vmRolloutStrategy: 'Stage' }, 'Stage'],
    ['v1.4.0', {}, 'Stage'],
    ['v1.4.0', { vmRolloutStrategy: 'LiveUpdate' }, 'Stage'],
    ['v1.4.0', { vmRolloutStrategy: 'LiveUpdate', ...gates(['VMLiveUpdateFeatures']) }, 'LiveUpdate'],
  ])('by %s with %j: %s', (version, set, expected) => {
    expect(clusterFeatures(kubevirt(version, set)).vmRolloutStrategy).toBe(expected);
  });
});

it('assumes nothing that could be off when the resource may not be read', () => {
  const features = clusterFeatures(undefined);
  expect(features).toMatchObject({
    known: false,
    version: '',
    vmRolloutStrategy: 'Stage',
    declarativeHotplug: false,
    imperativeHotplug: false,
    nicHotplug: false,
    workloadUpdateMethods: [],
  });
});

it('reads limits, devices, machines and defaults', () => {
  const features = clusterFeatures(
    kubevirt('v1.9.0', {
      cpuModel: 'Haswell',
      liveUpdateConfiguration: { maxCpuSockets: 8, maxGuest: '64Gi' },
      permittedHostDevices: {
        pciHostDevices: [{ resourceName: 'nvidia.com/T4', pciVendorSelector: '10DE:1EB8' }],
        mediatedDevices: [{ resourceName: 'nvidia.com/GRID' }],
        usb: [{ resourceName: 'kubevirt.io/key' }],
      },
      architectureConfiguration: { amd64: { machineType: 'pc-q35-8.2', emulatedMachines: ['pc-q35-8*'] } },
    }),
  );
  expect(features.liveUpdate).toEqual({ maxHotplugRatio: 4, maxCpuSockets: 8, maxGuest: '64Gi' });
  expect(features.permittedDevices).toEqual([
    { kind: 'pci', resourceName: 'nvidia.com/T4', selector: '10DE:1EB8' },
    { kind: 'mediated', resourceName: 'nvidia.com/GRID', selector: '' },
    { kind: 'usb', resourceName: 'kubevirt.io/key', selector: '' },
  ]);
  expect(features.defaults).toMatchObject({ architecture: 'amd64', cpuModel: 'Haswell' });
  expect(features.defaults.machineTypes).toMatchObject({ amd64: 'pc-q35-8.2', arm64: 'virt' });
  expect(features.emulatedMachines.amd64).toEqual(['pc-q35-8*']);
  expect(features.workloadUpdateMethods).toEqual(['LiveMigrate']);
});
