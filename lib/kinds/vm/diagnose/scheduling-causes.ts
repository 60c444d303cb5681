import { RESOURCES } from '@/lib/kinds/resources';
import { formatBytes, formatNumber, parseQuantity } from '@/lib/units';
import { type Evidence, vmiCondition } from './evidence';
import { type Finding, found, type Offer } from './finding';
import type { ClusterNode, LauncherPod } from './objects';
import { barringTaint, isAllowed, requested, taintText, wantedLabels } from './placement';
import { objections } from './words';

const SCHEDULING: Offer = { kind: 'section', section: 'scheduling' };
const SIZE: Offer = { kind: 'section', section: 'size' };
const node = (name: string): Offer => ({ kind: 'object', object: { resource: RESOURCES.nodes, name } });

/** The scheduler's own sentence about the launcher pod, while it finds no node. */
export function unscheduledWords(e: Evidence): string | undefined {
  if (e.pod?.spec?.nodeName) return undefined;
  const ofPod = e.pod?.status?.conditions?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  const own = ofPod ?? vmiCondition(e, 'PodScheduled', 'False');
  // A missing claim stands in the same condition, and is told as such.
  return own && !/^PVC .* does not exist/.test(own.message ?? '')
    ? (own.message ?? own.reason ?? '')
    : undefined;
}

/** Why no node takes the launcher pod. One finding: what keeps it from the nodes that come nearest. */
export function schedulingCauses(e: Evidence): Finding[] {
  const words = unscheduledWords(e);
  if (words === undefined) return [];
  const { reasons, total } = objections(words);
  if (/no nodes available/.test(words))
    return [found('noNodes', 'broken', 'scheduling', {}, { words: [words] })];
  const has = (pattern: RegExp) => reasons.find(({ reason }) => pattern.test(reason));
  const known = { words: [words] };
  const pod = e.pod;

  if (has(/unbound immediate PersistentVolumeClaims|persistentvolumeclaim .* not found/))
    return [
      found(
        'claimUnbound',
        'broken',
        'scheduling',
        {},
        { ...known, offer: { kind: 'section', section: 'disks' } },
      ),
    ];
  if (pod && e.nodes.length > 0) {
    const allowed = e.nodes.filter((each) => isAllowed(pod, each));
    if (allowed.length === 0) return [notAllowed(pod, e.nodes, words)];
    const open = allowed.filter((each) => !each.spec?.unschedulable && !barringTaint(pod, each));
    if (open.length === 0) return [closed(pod, allowed, words)];
    const short = reasons.find(({ reason }) => /^(Insufficient |Too many pods)/.test(reason));
    if (short) return [shortage(short.reason, pod, open, words)];
  } else {
    const short = has(/^(Insufficient |Too many pods)/);
    if (short) return [shortage(short.reason, pod, [], words)];
  }
  if (has(/volume node affinity conflict|PersistentVolume's node affinity/))
    return [
      found(
        'volumeElsewhere',
        'broken',
        'scheduling',
        {},
        { ...known, offer: { kind: 'section', section: 'disks' } },
      ),
    ];
  if (has(/ReadWriteOncePod/)) return [found('volumeInUse', 'broken', 'scheduling', {}, known)];
  if (has(/exceed max volume count/)) return [found('tooManyVolumes', 'broken', 'scheduling', {}, known)];
  if (has(/affinity rules|anti-affinity|topology spread/))
    return [found('neighbours', 'broken', 'scheduling', {}, { ...known, offer: SCHEDULING })];
  const selector = has(/node affinity\/selector/);
  const taint = has(/taint/);
  if (selector && (!taint || selector.count >= taint.count)) {
    const asked = Object.entries(e.spec?.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`);
    const labels = asked.join(', ') || 'kubernetes';
    return [
      found(
        'noNodeMatches',
        'broken',
        'scheduling',
        { labels, own: asked.length > 0 ? 'yes' : 'no' },
        { ...known, offer: SCHEDULING },
      ),
    ];
  }
  if (taint) {
    const inBraces = /\{([^:}]+):? ?([^}]*)\}/.exec(taint.reason);
    const text = inBraces ? `${inBraces[1]}${inBraces[2] ? `=${inBraces[2]}` : ''}` : taint.reason;
    return [
      found(
        'taint',
        'broken',
        'scheduling',
        { taint: text, nodes: `${taint.count}/${total}` },
        { ...known, offer: SCHEDULING },
      ),
    ];
  }
  if (has(/unschedulable/)) return [found('cordoned', 'broken', 'scheduling', { nodes: `${total}` }, known)];
  return [found('unschedulable', 'broken', 'scheduling', {}, known)];
}

/** Labels that KubeVirt itself asks for say what a node lacks, better than the label does. */
function notAllowed(pod: LauncherPod, nodes: readonly ClusterNode[], words: string): Finding {
  const wanted = wantedLabels(pod);
  const nowhere = wanted.filter(({ holds }) => !nodes.some(holds));
  const missing = nowhere.length > 0 ? nowhere : wanted;
  const key = missing[0]?.key ?? '';
  const known = { words: [words] };
  if (missing.some((each) => each.key === 'kubevirt.io/schedulable'))
    return found('noVirtNode', 'broken', 'scheduling', {}, known);
  if (missing.some((each) => each.key === 'cpumanager'))
    return found('noCpuManager', 'broken', 'scheduling', {}, { ...known, offer: SIZE });
  const model =
    /^(?:host-model-cpu|cpu-model|cpu-feature|cpu-model-migration)\.node\.kubevirt\.io\/(.+)$/.exec(key);
  if (model)
    return found('noCpuModel', 'broken', 'scheduling', { model: model[1] ?? '' }, { ...known, offer: SIZE });
  const labels = missing.map(({ text }) => text).join(', ');
  return found(
    'noNodeMatches',
    'broken',
    'scheduling',
    { labels, own: 'yes' },
    { ...known, offer: SCHEDULING },
  );
}

/** The nodes that the pod could go to are kept free of it: by a taint, or because they take nothing new. */
function closed(pod: LauncherPod, allowed: readonly ClusterNode[], words: string): Finding {
  const known = { words: [words] };
  const silent = allowed.find((each) =>
    each.spec?.taints?.some(({ key }) => /^node\.kubernetes\.io\/(unreachable|not-ready)$/.test(key)),
  );
  if (silent && allowed.length === 1)
    return found(
      'onlyNodeDown',
      'broken',
      'scheduling',
      { node: silent.metadata.name },
      { ...known, offer: node(silent.metadata.name) },
    );
  const cordoned = allowed.filter(({ spec }) => spec?.unschedulable);
  if (cordoned.length === allowed.length) {
    const names = cordoned.map(({ metadata }) => metadata.name).join(', ');
    return found('cordoned', 'broken', 'scheduling', { nodes: names }, { ...known, ...only(cordoned) });
  }
  // A control plane is kept free on purpose: what another taint keeps away is nearer to what was meant.
  const barred = allowed
    .flatMap((each) => {
      const taint = barringTaint(pod, each);
      return taint ? [{ name: each.metadata.name, taint }] : [];
    })
    .sort((a, b) => Number(isControlPlane(a.taint.key)) - Number(isControlPlane(b.taint.key)));
  const first = barred[0];
  if (!first) return found('cordoned', 'broken', 'scheduling', { nodes: `${allowed.length}` }, known);
  const same = barred.filter(({ taint }) => taintText(taint) === taintText(first.taint));
  const nodes = same.map(({ name }) => name).join(', ');
  return found(
    'taint',
    'broken',
    'scheduling',
    { taint: taintText(first.taint), nodes },
    { ...known, offer: SCHEDULING },
  );
}

function only(nodes: readonly ClusterNode[]): { offer?: Offer } {
  const [first] = nodes;
  return first ? { offer: node(first.metadata.name) } : {};
}

const isControlPlane = (key: string) => /^node-role\.kubernetes\.io\/(control-plane|master)$/.test(key);

/** Something there is too little of; with the nodes in sight, with the largest of them. */
function shortage(
  reason: string,
  pod: LauncherPod | undefined,
  open: readonly ClusterNode[],
  words: string,
): Finding {
  const known = { words: [words] };
  if (/^Too many pods/.test(reason)) return found('tooManyPods', 'broken', 'scheduling', {}, known);
  const resource = reason.replace(/^Insufficient /, '');
  const wanted = pod ? requested(pod, resource) : 0;
  const most = open
    .map((each) => ({
      name: each.metadata.name,
      has: parseQuantity(each.status?.allocatable?.[resource]) ?? 0,
    }))
    .sort((a, b) => b.has - a.has)[0];
  // Without the nodes nobody can say how large they are.
  const size = most === undefined ? 'unknown' : most.has < wanted ? 'small' : 'full';
  const values = (format: (amount: number) => string) => ({
    wanted: format(wanted),
    most: format(most?.has ?? 0),
    node: most?.name ?? '',
    size,
  });
  const cores = (amount: number) => formatNumber(amount);
  if (resource === 'cpu')
    return found('noCpu', 'broken', 'scheduling', values(cores), { ...known, offer: SIZE });
  if (resource === 'memory')
    return found('noMemory', 'broken', 'scheduling', values(formatBytes), { ...known, offer: SIZE });
  if (resource.startsWith('hugepages-')) {
    const page = resource.slice('hugepages-'.length);
    return found(
      'noHugepages',
      'broken',
      'scheduling',
      { ...values(formatBytes), page },
      { ...known, offer: SIZE },
    );
  }
  if (/^devices\.kubevirt\.io\/(kvm|tun|vhost-net)$/.test(resource))
    return found('noVirtualization', 'broken', 'scheduling', { device: resource }, known);
  if (resource === 'ephemeral-storage')
    return found('noNodeSpace', 'broken', 'scheduling', values(formatBytes), known);
  return found(
    'noDevice',
    'broken',
    'scheduling',
    { ...values(cores), device: resource },
    { ...known, offer: { kind: 'section', section: 'devices' } },
  );
}
