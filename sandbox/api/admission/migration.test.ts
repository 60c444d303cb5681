import { describe, expect, it } from 'vitest';
import type { NewObject } from '../objects';
import { admit, emptyCluster, object, refusal, vmiWith } from './testing';

const DENIED = 'admission webhook "migration-create-validator.kubevirt.io" denied the request: ';
const migrationOf = (vmiName?: string) => object('VirtualMachineInstanceMigration', { vmiName });

function clusterWith(status: object, ...others: NewObject[]) {
  const cluster = emptyCluster();
  cluster.create('virtualmachineinstances.kubevirt.io', { ...vmiWith(), status });
  for (const other of others) cluster.create('virtualmachineinstancemigrations.kubevirt.io', other);
  return cluster;
}

describe('a migration', () => {
  it('gets the label and the finalizer by which KubeVirt finds and holds it', () => {
    const migration = migrationOf('web');
    admit(migration, {}, clusterWith({ phase: 'Running' }));
    expect(migration.metadata).toMatchObject({
      labels: { 'kubevirt.io/vmi-name': 'web' },
      finalizers: ['kubevirt.io/migrationJobFinalize'],
    });
  });

  const condition = {
    type: 'LiveMigratable',
    status: 'False',
    reason: 'DisksNotLiveMigratable',
    message: 'no',
  };
  it.each([
    ['the VMI is missing', undefined, 'the VMI "shop/web" does not exist'],
    ['the VMI has ended', { phase: 'Succeeded' }, 'Cannot migrate VMI in finalized state.'],
    [
      'the VMI cannot move',
      { phase: 'Running', conditions: [condition] },
      'Cannot migrate VMI, Reason: DisksNotLiveMigratable, Message: no',
    ],
  ])('is a bad request when %s', (_when, status, message) => {
    const cluster = status ? clusterWith(status) : emptyCluster();
    const answer = refusal(migrationOf('web'), {}, cluster);
    expect(answer).toMatchObject({ code: 400, message: DENIED + message });
    expect(answer).not.toHaveProperty('reason');
  });

  it('waits for no other', () => {
    const running = object(
      'VirtualMachineInstanceMigration',
      { vmiName: 'web' },
      { name: 'first', uid: 'u-1' },
    );
    const cluster = clusterWith({ phase: 'Running' }, running);
    const job = 'Active migration job (u-1) is currently already in progress for VMI web.';
    expect(refusal(migrationOf('web'), {}, cluster)?.message).toBe(
      `${DENIED}in-flight migration detected. ${job}`,
    );
  });

  it('may follow one that has ended', () => {
    const ended = object('VirtualMachineInstanceMigration', { vmiName: 'web' }, { name: 'first' });
    const cluster = clusterWith({ phase: 'Running' }, { ...ended, status: { phase: 'Failed' } });
    expect(refusal(migrationOf('web'), {}, cluster)).toBeUndefined();
  });

  it('must name a VMI', () => {
    expect(refusal(migrationOf())).toMatchObject({
      code: 422,
      details: {
        causes: [{ reason: 'FieldValueRequired', message: 'vmiName is missing', field: 'spec.vmiName' }],
      },
    });
  });

  it('cannot be pointed elsewhere', () => {
    const answer = refusal(migrationOf('db'), { oldObject: migrationOf('web') });
    expect(answer?.message).toContain("update of Migration object's spec is restricted");
  });
});
