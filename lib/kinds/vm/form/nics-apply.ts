import { isJsonObject, type JsonObject, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { text } from '@/lib/text';
import { type ApplyContext, byMigration, later, NOW, RESTART, type Verdict } from './apply-context';
import { changedNames, entriesOf } from './named-entries';

/**
 * When changes of network cards and their networks take effect: of one, or of all that change. Mirrors the network live
 * update of virt-controller: cards with bridge or SR-IOV binding come by a migration and go, links go up and down, and
 * another network of the same kind is reached by a migration.
 */
export function nicsApply(
  name: string | undefined,
  part: 'state' | 'network' | 'card',
  context: ApplyContext,
): Verdict {
  const { vm, after, vmi } = context;
  const usual = part === 'state' ? NOW : plugging(context);
  if (!after) return usual;
  const [nics, nextNics] = [entriesOf(vm, 'interfaces'), entriesOf(after, 'interfaces')];
  const [networks, nextNetworks] = [entriesOf(vm, 'networks'), entriesOf(after, 'networks')];
  const changed = new Set([...changedNames(nics, nextNics), ...changedNames(networks, nextNetworks)]);
  const concerned = [...changed].filter((each) => name === undefined || each === name);
  const running = new Set(vmi.spec.domain.devices.interfaces?.map((nic) => nic.name));
  if (concerned.length === 0) {
    if (part === 'state' || name === undefined || !running.has(name)) return usual;
    // Of a card that stays as it is: the guest has it, so only its link and perhaps its network can change.
    return part === 'network' && canSwap(networks.get(name), networks.get(name), nics.get(name), context)
      ? byMigration(context)
      : RESTART;
  }
  return concerned
    .map((each) => {
      const nic = change([nics.get(each), nextNics.get(each)], running.has(each), context);
      const network: Pair = [networks.get(each), nextNetworks.get(each)];
      // A network comes and goes with its card.
      return network[0] && network[1] ? later(nic, reach(network, nextNics.get(each), context)) : nic;
    })
    .reduce(later, NOW);
}

type Pair = readonly [before: JsonObject | undefined, after: JsonObject | undefined];

function change([before, after]: Pair, isRunning: boolean, context: ApplyContext): Verdict {
  if (sameJson(before, after)) return NOW;
  if (!after) return isRunning ? { applies: 'restart', why: text('configure.why.nicRemoved') } : NOW;
  if (!isRunning) {
    if (wordAt(after, ['state']) === 'absent') return NOW;
    if (isPluggable(after)) return plugging(context);
    return { applies: 'restart', why: text('configure.why.nicBinding') };
  }
  if (!sameJson(withoutState(before), withoutState(after))) return RESTART;
  return NOW;
}

function reach([before, after]: Pair, nic: JsonObject | undefined, context: ApplyContext): Verdict {
  if (sameJson(before, after)) return NOW;
  return canSwap(before, after, nic, context) ? byMigration(context) : RESTART;
}

function canSwap(
  before: JsonObject | undefined,
  after: JsonObject | undefined,
  nic: JsonObject | undefined,
  { features }: ApplyContext,
): boolean {
  const stays = isJsonObject(before?.multus) && isJsonObject(after?.multus) && isJsonObject(nic?.bridge);
  return stays && features.networkSwap;
}

function plugging(context: ApplyContext): Verdict {
  return context.features.nicHotplug ? byMigration(context) : RESTART;
}

function isPluggable(nic: JsonObject): boolean {
  return isJsonObject(nic.bridge) || isJsonObject(nic.sriov);
}

function withoutState(nic: JsonObject | undefined): JsonObject | undefined {
  if (!nic) return undefined;
  const { state: _, ...rest } = nic;
  return rest;
}
