import type { InstanceAction, MachineAction } from './action';
import { EXPAND_ACTIONS } from './expand-actions';
import { LIFECYCLE_ACTIONS } from './lifecycle-actions';
import { MEMORY_DUMP_ACTIONS } from './memory-dump-actions';
import { INSTANCE_MIGRATION_ACTIONS, MIGRATION_ACTIONS } from './migration-actions';
import { refuse, statusReply } from './replies';
import { INSTANCE_VOLUME_ACTIONS, VOLUME_ACTIONS } from './volume-actions';

const noObjectGraph = () =>
  statusReply(refuse.badRequest('ObjectGraph feature gate not enabled: Unable to return object graph.'));

/** The subresources of VMs that virt-api routes. */
export const MACHINE_ACTIONS: Readonly<Record<string, MachineAction>> = {
  ...LIFECYCLE_ACTIONS,
  ...EXPAND_ACTIONS,
  ...MIGRATION_ACTIONS,
  ...MEMORY_DUMP_ACTIONS,
  ...VOLUME_ACTIONS,
  objectgraph: noObjectGraph,
};

/** The subresources of instances that virt-api carries out itself. */
export const INSTANCE_ACTIONS: Readonly<Record<string, InstanceAction>> = {
  ...INSTANCE_MIGRATION_ACTIONS,
  ...INSTANCE_VOLUME_ACTIONS,
  objectgraph: noObjectGraph,
};
