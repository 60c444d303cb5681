import { describe, expect, it } from 'vitest';
import {
  agent,
  ago,
  CLAIM,
  diagnosed,
  dv,
  failing,
  HOME,
  http,
  launcher,
  none,
  onClaim,
  pvc,
  running,
  seed,
  testVm,
  testVmi,
} from './testing';

describe('diagnose', () => {
  it('says that a machine runs although a restart waits, and tells of that below', async () => {
    const status = {
      conditions: [
        { type: 'RestartRequired', status: 'True', message: 'a non-live-updatable field was changed' },
      ],
    };
    const { verdict, others } = await diagnosed({ objects: running(agent, {}, status) });
    expect(verdict).toMatchObject({ cause: 'ready', severity: 'fine' });
    expect(others.map(({ cause }) => cause)).toEqual(['restartRequired']);
  });

  it('says of a stopped machine beforehand what will keep it from starting', async () => {
    const vm = testVm({ runStrategy: 'Halted' }, { printableStatus: 'Stopped' }, { volumes: [CLAIM] });
    const { verdict, others } = await diagnosed({ objects: [vm] });
    expect(verdict).toMatchObject({ cause: 'stopped', offer: { kind: 'action', id: 'start' } });
    expect(others).toMatchObject([{ cause: 'claimMissing', severity: 'attention' }]);
  });

  it('tells the root of two evils: the volume before the node', async () => {
    const message = none(1, '1 Insufficient cpu');
    const condition = { type: 'PodScheduled', status: 'False', message };
    const world = onClaim(
      dv(http, failing('got 404')),
      pvc('Pending'),
      launcher({ conditions: [condition] }, { nodeName: undefined }),
    );
    const { verdict, others } = await diagnosed({ objects: world });
    expect(verdict.cause).toBe('importNotFound');
    expect(others.map(({ cause }) => cause)).toContain('noCpu');
  });

  it('names what the user may not read, and guesses nothing from it', async () => {
    const denied = ['Secret', 'Event', 'Pod', 'KubeVirt', 'PersistentVolumeClaim', 'DataVolume'];
    const guest = { volumes: [CLAIM, { name: 'seed', cloudInitNoCloud: { secretRef: { name: 'login' } } }] };
    const { verdict, hidden, steps } = await diagnosed({
      objects: [testVm({}, {}, guest), testVmi('Scheduling', {}, guest)],
      denied,
    });
    expect(verdict).toMatchObject({ cause: 'coming', severity: 'progress' });
    expect(hidden.map(({ kind }) => kind).sort()).toEqual([...denied].sort());
    expect(steps[0]).toMatchObject({ id: 'volumes', state: 'unknown' });
  });

  it('finds a missing claim by KubeVirt’s word where claims may not be read', async () => {
    const words = `PVC ${HOME}/web-root does not exist, waiting for it to appear`;
    const condition = { type: 'Synchronized', status: 'False', reason: 'FailedPvcNotFound', message: words };
    const volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'web-root' } }];
    const objects = [
      testVm({}, {}, { volumes }),
      testVmi('Pending', { conditions: [condition] }, { volumes }),
    ];
    const { verdict } = await diagnosed({ objects, denied: ['PersistentVolumeClaim', 'DataVolume'] });
    expect(verdict).toMatchObject({ cause: 'claimMissing', words: [words] });
  });

  it('times each step by the objects, and the whole', async () => {
    const { steps, total, isReady } = await diagnosed({ objects: running(agent) });
    expect(steps.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'volumes done',
      'instance done',
      'scheduling done',
      'launcher done',
      'boot done',
      'agent done',
    ]);
    expect(steps.find(({ id }) => id === 'boot')).toMatchObject({ since: ago(85), until: ago(50) });
    expect(total).toEqual({ since: ago(120), until: ago(50) });
    expect(isReady).toBe(true);
  });

  it('shows how far an import is, and how long it will take by its rate', async () => {
    const conditions = [{ type: 'Running', status: 'True', lastTransitionTime: ago(30) }];
    const world = onClaim(
      dv(http, { phase: 'ImportInProgress', progress: '25.00%', conditions }),
      pvc('Pending'),
    );
    const { verdict, steps } = await diagnosed({ objects: world });
    expect(verdict).toMatchObject({ cause: 'coming', step: 'volumes' });
    expect(steps[0]?.parts).toMatchObject([{ percent: 25, leftS: 90, size: 10 * 2 ** 30, state: 'doing' }]);
  });

  it('says who may log in', async () => {
    const users = '#cloud-config\nusers:\n  - default\n  - name: ada\n';
    expect((await diagnosed({ objects: running(agent, seed(users)) })).user).toBe('ada');
    expect((await diagnosed({ objects: running(agent, seed('#cloud-config\nuser: grace\n')) })).user).toBe(
      'grace',
    );
  });
});
