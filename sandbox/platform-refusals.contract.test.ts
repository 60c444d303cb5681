import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSandbox, testVm } from './testing';

const KUBEVIRTS = '/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts';
const KUBEVIRT = `${KUBEVIRTS}/kubevirt`;
const POLICIES = '/apis/migrations.kubevirt.io/v1alpha1/migrationpolicies';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace('lab');
});
afterAll(() => sandbox.close());

const update = (spec: object) => sandbox.ask('PATCH', `${KUBEVIRT}?dryRun=All`, { spec });
const policy = (name: string, spec: object) =>
  sandbox.ask('POST', POLICIES, {
    apiVersion: 'migrations.kubevirt.io/v1alpha1',
    kind: 'MigrationPolicy',
    metadata: { name },
    spec: { selectors: {}, ...spec },
  });

describe('the KubeVirt resource', () => {
  test('is there once', async () => {
    const { status, body } = await sandbox.ask('POST', KUBEVIRTS, {
      apiVersion: 'kubevirt.io/v1',
      kind: 'KubeVirt',
      metadata: { name: 'second' },
      spec: {},
    });
    expect([status, body.message]).toEqual([
      400,
      'admission webhook "kubevirt-create-validator.kubevirt.io" denied the request: Kubevirt is already created',
    ]);
  });

  test('refuses what would break its components', async () => {
    const refusals: [spec: object, message: string][] = [
      [{ customizeComponents: { patches: [patch('{')] } }, 'patch "{" is not valid JSON'],
      [{ infra: { replicas: 0 } }, "infra replica count can't be 0"],
      [
        { configuration: { additionalGuestMemoryOverheadRatio: '0.5' } },
        'ratio provided, 0.5, cannot be smaller than 1.0',
      ],
      [
        { certificateRotateStrategy: { selfSigned: { server: { duration: '1h', renewBefore: '2h' } } } },
        'Cert RenewBefore cannot exceed Duration (spec.certificateRotationStrategy.selfSigned.server.duration < spec.certificateRotationStrategy.selfSigned.server.renewBefore)',
      ],
      [
        { configuration: { tlsConfiguration: { ciphers: ['TLS_AES_128_GCM_SHA256'] } } },
        'You cannot specify ciphers when spec.configuration.tlsConfiguration.minTLSVersion is empty or VersionTLS13',
      ],
    ];
    for (const [spec, message] of refusals) {
      const { status, body } = await update(spec);
      expect([status, body.message]).toEqual([
        422,
        `admission webhook "kubevirt-update-validator.kubevirt.io" denied the request: ${message}`,
      ]);
    }
    expect((await update({ infra: { replicas: 1 } })).status).toBe(200);
  });

  test('warns of gates that do nothing any more', async () => {
    const { status, headers } = await update({
      configuration: { developerConfiguration: { featureGates: ['DockerSELinuxMCSWorkaround'] } },
    });
    expect(status).toBe(200);
    expect(headers?.warning).toContain('feature gate DockerSELinuxMCSWorkaround is deprecated');
  });

  test('stays while there are VMs, where its strategy says so', async () => {
    await sandbox.createVm(testVm('kept', 'Halted'), 'lab');
    await sandbox.ask('PATCH', KUBEVIRT, { spec: { uninstallStrategy: 'BlockUninstallIfWorkloadsExist' } });
    const { status, body } = await sandbox.ask('DELETE', KUBEVIRT);
    expect([status, body.message]).toEqual([
      400,
      'admission webhook "kubevirt-validator.kubevirt.io" denied the request: Rejecting the uninstall request, since there are still Virtual Machines present. Either delete all KubeVirt related workloads or change the uninstall strategy before uninstalling KubeVirt.',
    ]);
  });
});

test('a migration policy has no negative limits, and no downtime without its gate', async () => {
  const wrong = await policy('wrong', { completionTimeoutPerGiB: -1, bandwidthPerMigration: '-1Mi' });
  expect(wrong.status).toBe(422);
  expect(wrong.body.details.causes).toMatchObject([
    { field: 'spec.completionTimeoutPerGiB', message: 'must not be negative' },
    { field: 'spec.bandwidthPerMigration', message: 'must not be negative' },
  ]);
  const gated = await policy('gated', { maxDowntimeMs: 100 });
  expect(gated.body.message).toContain(
    'maxDowntimeMs cannot be modified without enabling the MigrationStallDetection or MigrationDowntimeTuning feature gate',
  );
  expect((await policy('right', { completionTimeoutPerGiB: 10 })).status).toBe(201);
});

test('a backup waits behind its gate', async () => {
  const { status, body } = await sandbox.ask(
    'POST',
    '/apis/backup.kubevirt.io/v1alpha1/namespaces/lab/virtualmachinebackups',
    {
      apiVersion: 'backup.kubevirt.io/v1alpha1',
      kind: 'VirtualMachineBackup',
      metadata: { name: 'b' },
      spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'kept' }, pvcName: 'x' },
    },
  );
  expect([status, body.message]).toEqual([
    400,
    'admission webhook "virtualmachinebackup-validator.backup.kubevirt.io" denied the request: IncrementalBackup feature gate not enabled',
  ]);
});

function patch(text: string) {
  return { resourceName: 'virt-api', resourceType: 'Deployment', type: 'strategic', patch: text };
}
