import { expect, test } from 'vitest';
import { INSTANCE_ACTIONS, MACHINE_ACTIONS } from './actions';

test('every action that both kinds have is routed for both', () => {
  for (const action of ['addvolume', 'removevolume', 'objectgraph', 'evacuate/cancel']) {
    expect(MACHINE_ACTIONS).toHaveProperty([action]);
    expect(INSTANCE_ACTIONS).toHaveProperty([action]);
  }
});

test('what only VMs have is not routed for instances', () => {
  for (const action of ['start', 'stop', 'restart', 'migrate', 'memorydump', 'expand-spec']) {
    expect(MACHINE_ACTIONS).toHaveProperty([action]);
    expect(INSTANCE_ACTIONS).not.toHaveProperty([action]);
  }
});
