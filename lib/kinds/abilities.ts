import { type AccessCheck, fullResource } from '@/lib/k8s/access';
import type { Resource } from '@/lib/k8s/resource';
import { type MessageKey, type Text, text } from '@/lib/text';
import type { ActionAccess } from './action';
import { RESOURCES } from './resources';
import { VM_ACTIONS } from './vm/actions';

export type AbilityGroup = 'pages' | 'actions' | 'changes';

/** Something that the console lets people do, with everything that they must be allowed to for it. */
export interface Ability {
  id: string;
  label: MessageKey;
  group: AbilityGroup;
  needs: readonly ActionAccess[];
}

/** A right that is missing, with the words for what cannot be done without it. */
export interface Refusal extends AccessCheck {
  /** Completes "You may not …". */
  doing: Text;
}

const need = (verb: string, resource: Resource, doing: MessageKey, subresource?: string): ActionAccess => ({
  doing,
  verb,
  resource,
  ...(subresource ? { subresource } : {}),
});
/** A live list takes both verbs: it is read once and then followed. */
const live = (resource: Resource, list: MessageKey, watch: MessageKey): ActionAccess[] => [
  need('list', resource, list),
  need('watch', resource, watch),
];

/** What the console itself asks the cluster for, by name, so that every place asks for the same. */
export const ACCESS = {
  listVms: need('list', RESOURCES.virtualMachines, 'access.doing.listVms'),
  patchVm: need('patch', RESOURCES.virtualMachines, 'access.doing.patchVms'),
  createVm: need('create', RESOURCES.virtualMachines, 'access.doing.createVms'),
  createClone: need('create', RESOURCES.virtualMachineClones, 'access.doing.createClones'),
  listNamespaces: need('list', RESOURCES.namespaces, 'access.doing.listNamespaces'),
  createNamespace: need('create', RESOURCES.namespaces, 'access.doing.createNamespaces'),
  listEvents: need('list', RESOURCES.events, 'access.doing.listEvents'),
  listPods: need('list', RESOURCES.pods, 'access.doing.listPods'),
  listNodes: need('list', RESOURCES.nodes, 'access.doing.listNodes'),
  listClaims: need('list', RESOURCES.persistentVolumeClaims, 'access.doing.listClaims'),
  listDataVolumes: need('list', RESOURCES.dataVolumes, 'access.doing.listDataVolumes'),
} as const satisfies Record<string, ActionAccess>;

const guest = (subresource: string) =>
  need('get', RESOURCES.virtualMachineInstanceActions, 'access.doing.readGuest', subresource);

/** Every page and action of the console, in the order of the page "What may I do?". */
export const ABILITIES: readonly Ability[] = [
  {
    id: 'list-vms',
    label: 'access.ability.listVms',
    group: 'pages',
    needs: [
      ...live(RESOURCES.virtualMachines, 'access.doing.listVms', 'access.doing.watchVms'),
      ...live(RESOURCES.virtualMachineInstances, 'access.doing.listVmis', 'access.doing.watchVmis'),
    ],
  },
  {
    id: 'read-guest',
    label: 'access.ability.readGuest',
    group: 'pages',
    needs: [guest('guestosinfo'), guest('userlist'), guest('filesystemlist')],
  },
  {
    id: 'list-events',
    label: 'access.ability.listEvents',
    group: 'pages',
    needs: [ACCESS.listEvents, need('watch', RESOURCES.events, 'access.doing.watchEvents')],
  },
  {
    id: 'list-pods',
    label: 'access.ability.listPods',
    group: 'pages',
    needs: [ACCESS.listPods, need('watch', RESOURCES.pods, 'access.doing.watchPods')],
  },
  {
    id: 'list-nodes',
    label: 'access.ability.listNodes',
    group: 'pages',
    needs: [ACCESS.listNodes, need('watch', RESOURCES.nodes, 'access.doing.watchNodes')],
  },
  {
    id: 'list-namespaces',
    label: 'access.ability.listNamespaces',
    group: 'pages',
    needs: [ACCESS.listNamespaces, need('watch', RESOURCES.namespaces, 'access.doing.watchNamespaces')],
  },
  // What opens here asks for no more than the page that it opens.
  ...VM_ACTIONS.filter((action) => !('here' in action)).map(
    ({ id, label, access }): Ability => ({ id, label, group: 'actions', needs: [access] }),
  ),
  { id: 'create-vm', label: 'access.ability.createVms', group: 'changes', needs: [ACCESS.createVm] },
  { id: 'clone-vm', label: 'access.ability.createClones', group: 'changes', needs: [ACCESS.createClone] },
  {
    id: 'edit-vm',
    label: 'access.ability.patchVms',
    group: 'changes',
    needs: [need('get', RESOURCES.virtualMachines, 'access.doing.getVms'), ACCESS.patchVm],
  },
  {
    id: 'keep-disks',
    label: 'access.ability.keepDisks',
    group: 'changes',
    needs: [
      ACCESS.listClaims,
      need('patch', RESOURCES.persistentVolumeClaims, 'access.doing.patchClaims'),
      ACCESS.listDataVolumes,
      need('patch', RESOURCES.dataVolumes, 'access.doing.patchDataVolumes'),
    ],
  },
  {
    id: 'create-data-volume',
    label: 'access.ability.createDataVolumes',
    group: 'changes',
    needs: [need('create', RESOURCES.dataVolumes, 'access.doing.createDataVolumes')],
  },
  {
    id: 'create-secret',
    label: 'access.ability.createSecrets',
    group: 'changes',
    needs: [need('create', RESOURCES.secrets, 'access.doing.createSecrets')],
  },
  {
    id: 'create-namespace',
    label: 'access.ability.createNamespaces',
    group: 'changes',
    needs: [ACCESS.createNamespace],
  },
];

/** What is to be asked for an access; resources of the whole cluster have no namespace, whatever is looked at. */
export function checkOf(
  { verb, resource, subresource }: Omit<ActionAccess, 'doing'>,
  namespace?: string,
  name?: string,
): AccessCheck {
  return {
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace && resource.namespaced ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}

/** Puts words to a missing right: those of the console where it knows the right, else the API's own. */
export function refusalOf(check: AccessCheck): Refusal {
  const known = KNOWN.get(wordsKey(check));
  const doing = known
    ? text(known)
    : text('access.doing.other', { verb: check.verb, resource: fullResource(check) });
  return { ...check, doing };
}

/**
 * "You may not start virtual machines (needs update on virtualmachines/start in shop)". `say` renders a message; a
 * message's values cannot be messages themselves.
 */
export function refusalText(refusal: Refusal, say: (message: Text) => string): Text {
  const { verb, namespace } = refusal;
  const where = namespace ? 'inNamespace' : isOfCluster(refusal) ? 'inCluster' : 'everywhere';
  return text(`access.refused.${where}`, {
    doing: say(refusal.doing),
    verb,
    resource: fullResource(refusal),
    namespace: namespace ?? '',
  });
}

/** Whether the resource has no namespaces; of a resource that the console does not know it is assumed. */
export function isOfCluster({ group, resource }: Pick<AccessCheck, 'group' | 'resource'>): boolean {
  const known = Object.values(RESOURCES).find((each) => each.group === group && each.plural === resource);
  return known ? !known.namespaced : true;
}

function wordsKey({ verb, group, resource, subresource }: AccessCheck): string {
  return [verb, group, resource, subresource].join(' ');
}

const KNOWN = new Map(
  [...ABILITIES.flatMap(({ needs }) => needs), ...Object.values(ACCESS)].map((access) => [
    wordsKey(checkOf(access)),
    access.doing,
  ]),
);
