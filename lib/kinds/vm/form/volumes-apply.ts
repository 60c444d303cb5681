import { isJsonObject, type JsonObject, valueAt, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { text } from '@/lib/text';
import { type ApplyContext, byMigration, later, NOW, RESTART, type Verdict } from './apply-context';
import { changedNames, entriesOf } from './named-entries';

/** Whether a volume says of itself that it comes and goes with a running guest. */
export function isHotpluggable(volume: JsonObject | undefined): boolean {
  return ['persistentVolumeClaim', 'dataVolume'].some(
    (source) => valueAt(volume, [source, 'hotpluggable']) === true,
  );
}

/** The claim of a lasting volume, by either of its names; empty for volumes of another kind. */
export function claimOf(volume: JsonObject | undefined): string {
  return wordAt(volume, ['persistentVolumeClaim', 'claimName']) || wordAt(volume, ['dataVolume', 'name']);
}

/**
 * When changes of volumes and disks take effect: of one, or of all that change. Mirrors validLiveUpdateVolumes,
 * validLiveUpdateDisks and HandleDeclarativeVolumes of virt-controller.
 */
export function volumesApply(name: string | undefined, context: ApplyContext): Verdict {
  const { vm, after } = context;
  if (!after) return plugging(context);
  const [volumes, nextVolumes] = [entriesOf(vm, 'volumes'), entriesOf(after, 'volumes')];
  const [disks, nextDisks] = [entriesOf(vm, 'disks'), entriesOf(after, 'disks')];
  const changed = new Set([...changedNames(volumes, nextVolumes), ...changedNames(disks, nextDisks)]);
  const concerned = [...changed].filter((each) => name === undefined || each === name);
  const movesClaims = wordAt(after, ['spec', 'updateVolumesStrategy']) === 'Migration';
  if (concerned.length === 0) {
    // Of one that stays as it is: what taking it away would come to.
    const isThere = name !== undefined && (volumes.has(name) || disks.has(name));
    if (!isThere) return plugging(context);
    return change([volumes.get(name), undefined], [disks.get(name), undefined], movesClaims, context);
  }
  return concerned
    .map((each) =>
      change(
        [volumes.get(each), nextVolumes.get(each)],
        [disks.get(each), nextDisks.get(each)],
        movesClaims,
        context,
      ),
    )
    .reduce(later, NOW);
}

type Pair = readonly [before: JsonObject | undefined, after: JsonObject | undefined];

function change(volume: Pair, disk: Pair, movesClaims: boolean, context: ApplyContext): Verdict {
  const [before, after] = volume;
  const isVolumeSame = sameJson(before, after);
  const isHot = isHotpluggable(after ?? before);
  if (!isVolumeSame) {
    if (before && after && !isHotpluggable(after)) {
      const moves = movesClaims && claimOf(before) !== '' && claimOf(after) !== '';
      if (moves && sameJson(disk[0], disk[1])) return byMigration(context);
    }
    if ((after && !isHotpluggable(after)) || (!after && !isHotpluggable(before))) {
      return { applies: 'restart', why: text('configure.why.notHotpluggable') };
    }
  }
  if (!sameJson(disk[0], disk[1])) {
    // The guest keeps a plugged disk as it was plugged in; an empty drive is one of the machine's own parts.
    if (!isHot || (disk[0] && disk[1])) return RESTART;
  }
  const isDrive = isJsonObject(disk[0]?.cdrom) || isJsonObject(disk[1]?.cdrom);
  return plugging(context, isDrive);
}

/** What hot-pluggable volumes come to in this cluster. */
function plugging({ features, vmi }: ApplyContext, isDrive = false): Verdict {
  if (vmi.spec.domain.devices.disableHotplug) {
    return { applies: 'restart', why: text('configure.why.hotplugDisabled') };
  }
  if (features.declarativeHotplug) return NOW;
  if (features.imperativeHotplug && !isDrive) return NOW;
  if (!features.known) return { applies: 'restart', why: text('configure.why.unknown') };
  return { applies: 'restart', why: text(isDrive ? 'configure.why.noDrives' : 'configure.why.noHotplug') };
}
