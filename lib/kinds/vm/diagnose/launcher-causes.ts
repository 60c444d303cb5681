import { RESOURCES } from '@/lib/kinds/resources';
import {
  type Evidence,
  eventsAbout,
  isRunning,
  isWanted,
  podEvents,
  presence,
  vmiCondition,
} from './evidence';
import { type Finding, found, type ObjectLink, type Offer, short } from './finding';
import { attachments, type ContainerStatus, credentialSecrets, guestVolumes } from './objects';
import { quotaOffer } from './volume-causes';
import { pullTrouble, quotaRefusal, quotedAfter } from './words';

const PULLING =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable)$/;
const DISKS: Offer = { kind: 'section', section: 'disks' };

/** What keeps the launcher pod from being made. */
export function instanceCauses(e: Evidence): Finding[] {
  const failed = vmiCondition(e, 'Synchronized', 'False');
  if (failed?.reason !== 'FailedCreate' || e.pod) return [];
  const words = failed.message ?? '';
  const known = { words: [words] };
  const quota = quotaRefusal(words);
  if (quota) {
    const { quota: name, ...amounts } = quota;
    const what = e.target.name;
    return [
      found(
        'quota',
        'broken',
        'instance',
        { quota: name, ...amounts, what },
        { ...known, offer: quotaOffer(e.target.namespace, name) },
      ),
    ];
  }
  const short1 = short(words.replace(/^failed to create virtual machine pod: /, ''));
  if (/no PriorityClass with name ([^\s]+)/.test(words)) {
    const name = /no PriorityClass with name ([^\s]+)/.exec(words)?.[1] ?? '';
    return [
      found(
        'priorityMissing',
        'broken',
        'instance',
        { name },
        { ...known, offer: { kind: 'section', section: 'scheduling' } },
      ),
    ];
  }
  if (/maximum .* usage per|minimum .* usage per|LimitRange/.test(words))
    return [
      found(
        'limitRange',
        'broken',
        'instance',
        { words: short1 },
        { ...known, offer: { kind: 'section', section: 'size' } },
      ),
    ];
  return [found('podRefused', 'broken', 'instance', { words: short1 }, known)];
}

/** Objects that the machine names and that nobody has: found by looking for them, else by what the kubelet says. */
export function referenceCauses(e: Evidence): Finding[] {
  if (isRunning(e)) return [];
  const { namespace } = e.target;
  const severity = isWanted(e) ? 'broken' : 'attention';
  const volumes = guestVolumes(e.spec);
  const mounts = podEvents(e, 'FailedMount').map(({ message }) => message ?? '');
  const said = [...mounts, ...podEvents(e, 'Failed').map(({ message }) => message ?? '')];
  const named = (
    kind: 'Secret' | 'ConfigMap',
    name: string,
    cause: 'secretMissing' | 'configMapMissing',
  ): Finding | undefined => {
    const resource = kind === 'Secret' ? RESOURCES.secrets : RESOURCES.configMaps;
    const words = said.find((message) => quotedAfter(message, kind) === name && /not found/.test(message));
    const is = presence(e, resource, namespace, name);
    // What is there by now mends itself: the kubelet tries again within two minutes.
    if (is === 'there' || (is === 'unknown' && !words)) return undefined;
    const volume = volumes.find(({ secrets, configMaps }) => [...secrets, ...configMaps].includes(name));
    return found(
      cause,
      severity,
      'launcher',
      { name, namespace, volume: volume?.name ?? 'access credentials' },
      {
        words: [words],
        about: { resource, namespace, name },
        offer: volume?.source.startsWith('cloudInit') ? { kind: 'section', section: 'guest' } : DISKS,
      },
    );
  };
  const secrets = [...volumes.flatMap(({ secrets }) => secrets), ...credentialSecrets(e.spec)];
  const findings: Finding[] = [];
  for (const name of new Set(secrets)) findings.push(...list(named('Secret', name, 'secretMissing')));
  for (const name of new Set(volumes.flatMap(({ configMaps }) => configMaps)))
    findings.push(...list(named('ConfigMap', name, 'configMapMissing')));
  findings.push(...networkCauses(e, severity));
  return findings;
}

function networkCauses(e: Evidence, severity: 'broken' | 'attention'): Finding[] {
  const nets = attachments(e.spec, e.target.namespace);
  const sandbox = podEvents(e, 'FailedCreatePodSandBox').map(({ message }) => message ?? '');
  const missing = nets.flatMap(({ namespace, name, network }) => {
    const words = sandbox.find((message) => message.includes(`network-attachment-definition (${name})`));
    const is = presence(e, RESOURCES.networkAttachmentDefinitions, namespace, name);
    const noKind =
      e.looks.get(`${RESOURCES.networkAttachmentDefinitions.plural} ${namespace}/${name}`)?.sight ===
      'absent';
    if (is === 'there' || (is === 'unknown' && !words && !noKind)) return [];
    const about: ObjectLink = { resource: RESOURCES.networkAttachmentDefinitions, namespace, name };
    const cause = noKind ? 'noMultus' : 'networkMissing';
    return [
      found(
        cause,
        severity,
        'launcher',
        { name, namespace, network },
        { words: [words], about, offer: { kind: 'section', section: 'networks' } },
      ),
    ];
  });
  if (missing.length > 0) return missing;
  const [words] = sandbox;
  if (words === undefined || started(e)) return [];
  if (/cgroup/i.test(words))
    return [found('cgroup', 'broken', 'launcher', nodeValues(e), { words: [words], ...nodeOffer(e) })];
  return [
    found(
      'networkFailed',
      'broken',
      'launcher',
      { words: short(lastClause(words)), ...nodeValues(e) },
      { words: [words], ...nodeOffer(e) },
    ),
  ];
}

/** What is wrong with the launcher pod on its node: images, mounts, attachments, its end. */
export function launcherCauses(e: Evidence): Finding[] {
  const { pod } = e;
  if (!pod || isRunning(e)) return [];
  const { status } = pod;
  const known = {
    about: { resource: RESOURCES.pods, namespace: e.target.namespace, name: pod.metadata.name },
  };
  if (status?.phase === 'Failed' && status.reason) {
    const words = [status.message];
    if (status.reason === 'Evicted')
      return [
        found(
          'evicted',
          'broken',
          'launcher',
          { words: short(status.message ?? ''), ...nodeValues(e) },
          { ...known, words, ...nodeOffer(e) },
        ),
      ];
    if (/Preempt/.test(status.reason))
      return [found('preempted', 'broken', 'launcher', nodeValues(e), { ...known, words })];
    return [
      found(
        'launcherFailed',
        'broken',
        'launcher',
        { words: short(status.message ?? status.reason) },
        { ...known, words },
      ),
    ];
  }
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const pulling = all.find(({ state }) => PULLING.test(state?.waiting?.reason ?? ''));
  if (pulling) return [imageCause(e, pulling, known.about)];
  const config = all.find(({ state }) => state?.waiting?.reason === 'CreateContainerConfigError');
  const configWords = config?.state?.waiting?.message ?? '';
  if (config && !quotedAfter(configWords, 'secret') && !quotedAfter(configWords, 'configmap'))
    return [
      found(
        'launcherFailed',
        'broken',
        'launcher',
        { words: short(configWords) },
        { ...known, words: [configWords] },
      ),
    ];
  const ended = all.find(
    ({ name, state }) =>
      /^(CrashLoopBackOff|RunContainerError|CreateContainerError|StartError)$/.test(
        state?.waiting?.reason ?? '',
      ) ||
      (name === 'compute' && (state?.terminated?.exitCode ?? 0) !== 0),
  );
  if (ended) {
    const words =
      ended.state?.waiting?.message ??
      ended.state?.terminated?.message ??
      ended.state?.terminated?.reason ??
      '';
    if (/cgroup/i.test(words))
      return [
        found('cgroup', 'broken', 'launcher', nodeValues(e), { ...known, words: [words], ...nodeOffer(e) }),
      ];
    if (/OOMKilled/.test(`${ended.state?.terminated?.reason} ${ended.lastState?.terminated?.reason}`))
      return [
        found(
          'outOfMemory',
          'broken',
          'launcher',
          {},
          { ...known, words: [words], offer: { kind: 'section', section: 'size' } },
        ),
      ];
    return [
      found('launcherFailed', 'broken', 'launcher', { words: short(words) }, { ...known, words: [words] }),
    ];
  }
  if (started(e)) return [];
  const attach = podEvents(e, 'FailedAttachVolume')[0];
  if (attach) {
    const inUse = /Multi-Attach|already (?:used|attached|exclusively attached)/i.test(attach.message ?? '');
    const values = { words: short(attach.message ?? ''), ...nodeValues(e) };
    return [
      found(inUse ? 'volumeInUse' : 'attachFailed', 'broken', 'launcher', values, {
        ...known,
        words: [attach.message],
        offer: DISKS,
      }),
    ];
  }
  const mount = podEvents(e, 'FailedMount').find(
    ({ message = '' }) => !/(secret|configmap) "[^"]+" not found/i.test(message),
  );
  if (mount)
    return [
      found(
        'mountFailed',
        'broken',
        'launcher',
        { words: short(mount.message ?? ''), ...nodeValues(e) },
        { ...known, words: [mount.message] },
      ),
    ];
  return [];
}

function imageCause(e: Evidence, { name, state, image }: ContainerStatus, about: ObjectLink): Finding {
  const waiting = state?.waiting;
  const told = podEvents(e, 'Failed')
    .map(({ message }) => message ?? '')
    .find((message) => message.startsWith('Failed to pull image'));
  const synchronized = vmiCondition(e, 'Synchronized', 'False')?.message;
  const words = [waiting?.message, told, synchronized].filter(Boolean).join('\n');
  const all = [...(e.pod?.spec?.initContainers ?? []), ...(e.pod?.spec?.containers ?? [])];
  const which = all.find((container) => container.name === name)?.image ?? image ?? '';
  const volume = e.volumes.find((each) => name === `volume${each.name}`);
  const cause = {
    missing: 'imageMissing',
    denied: 'imageDenied',
    busy: 'imageBusy',
    never: 'imageNever',
    name: 'imageName',
    unreachable: 'imageUnreachable',
    other: 'imageFailed',
  } as const;
  const trouble = pullTrouble(`${waiting?.reason ?? ''} ${words}`);
  const host = which.includes('/') ? (which.split('/')[0] ?? '') : '';
  const secret = podEvents(e, 'FailedToRetrieveImagePullSecret')[0];
  return found(
    cause[trouble],
    'broken',
    'launcher',
    { image: which, host: host || which, disk: volume?.name ?? name, ...nodeValues(e) },
    {
      words: [waiting?.message, secret?.message],
      about,
      ...(volume ? { offer: DISKS } : {}),
    },
  );
}

/** Whether the containers of the launcher got going: what events tell of before that is over. */
function started({ pod }: Evidence): boolean {
  return (
    pod?.status?.containerStatuses?.some(({ name, state }) => name === 'compute' && state?.running) ?? false
  );
}

function lastClause(words: string): string {
  return words.split(/failed \(add\): |desc = /).at(-1) ?? words;
}

function nodeValues({ pod, vmi }: Evidence): { node: string } {
  return { node: pod?.spec?.nodeName ?? vmi?.status?.nodeName ?? '' };
}

function nodeOffer(e: Evidence): { offer?: Offer } {
  const { node } = nodeValues(e);
  return node ? { offer: { kind: 'object', object: { resource: RESOURCES.nodes, name: node } } } : {};
}

/** The node that the machine is on, if it does not answer. */
export function nodeCauses(e: Evidence): Finding[] {
  const { node: name } = nodeValues(e);
  const node = e.nodes.find(({ metadata }) => metadata.name === name);
  const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!node || !ready || ready.status === 'True') return [];
  return [
    found(
      'nodeDown',
      'broken',
      'launcher',
      { node: name },
      {
        words: [
          ready.message,
          ...eventsAbout(e, name)
            .slice(0, 1)
            .map(({ message }) => message),
        ],
        about: { resource: RESOURCES.nodes, name },
        ...nodeOffer(e),
      },
    ),
  ];
}

function list(finding: Finding | undefined): Finding[] {
  return finding ? [finding] : [];
}
