import { lastSeen } from '@/lib/kinds/event';
import {
  componentTroubles,
  isStuck,
  type Migration,
  migrationPhaseSince,
  type PlatformObject,
} from '@/lib/kinds/platform/trouble';
import { RESOURCES } from '@/lib/kinds/resources';
import { findCondition } from '../types';
import { type Evidence, eventsAbout, presence, secondsSince, vmiCondition } from './evidence';
import { type Finding, found, type ObjectLink, short } from './finding';
import { objectsIn } from './plan';

/** KubeVirt's own controllers answer within a second; nobody is at home when they have not for so long. */
const NO_ANSWER_S = 30;
/** A machine that is to be deleted has its own grace period, and its volumes theirs. */
const DELETING_S = 60;
const RECENT_S = 900;
const OWN_FINALIZERS = /^kubevirt\.io\/|^foregroundDeletion$|^orphan$/;

/** What the VM itself tells: whether it may run, whether KubeVirt takes care of it. */
export function vmCauses(e: Evidence): Finding[] {
  return [
    ...deletionCause(e),
    ...platformCauses(e),
    ...failureCauses(e),
    ...crashCauses(e),
    ...pauseCauses(e),
    ...migrationCauses(e),
    ...noteCauses(e),
  ];
}

/** Why it is off, where nobody and nothing wants it to run. */
export function offCause(e: Evidence): Finding | undefined {
  const { facts } = e;
  const about: ObjectLink = { resource: RESOURCES.virtualMachines, ...e.target };
  const start = { offer: { kind: 'action', id: 'start' }, about } as const;
  const stopped = eventsAbout(e, e.target.name, 'Stopped', 'ShuttingDown', 'SuccessfulDelete')[0];
  const { phase } = facts.vmi ?? {};
  const over =
    phase === 'Succeeded' ||
    (!facts.vmi && ['RerunOnFailure'].includes(facts.runStrategy) && facts.requests.length === 0);
  if (facts.deleting || facts.requests.includes('Start')) return undefined;
  if (facts.runStrategy === 'WaitAsReceiver')
    return found('waitsToReceive', 'off', 'instance', {}, { about });
  if (facts.vmi && phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  if (
    over &&
    ['Once', 'RerunOnFailure', 'Manual'].includes(facts.runStrategy) &&
    facts.printableStatus === 'Stopped'
  )
    return found(
      'guestShutDown',
      'off',
      'instance',
      { strategy: facts.runStrategy },
      { ...start, words: [stopped?.message] },
    );
  if (phase === 'Failed' && ['Once', 'Manual'].includes(facts.runStrategy))
    return found(
      'guestCrashed',
      'broken',
      'instance',
      { strategy: facts.runStrategy },
      { ...start, words: [stopped?.message] },
    );
  if (facts.runStrategy === 'Halted' || facts.runStrategy === 'Manual')
    return found('stopped', 'off', 'instance', { strategy: facts.runStrategy }, start);
  return undefined;
}

function deletionCause(e: Evidence): Finding[] {
  const { deletionTimestamp, finalizers = [] } = e.vm.metadata;
  if (!deletionTimestamp) return [];
  const foreign = finalizers.filter((each) => !OWN_FINALIZERS.test(each));
  const age = secondsSince(e, deletionTimestamp);
  const about: ObjectLink = { resource: RESOURCES.virtualMachines, ...e.target };
  if (foreign.length > 0 && !e.vmi)
    return [
      found(
        'deletionHeld',
        'waiting',
        'instance',
        { finalizers: foreign.join(', ') },
        { about, offer: { kind: 'object', object: about } },
      ),
    ];
  const late = age > DELETING_S + (e.vmi?.spec.terminationGracePeriodSeconds ?? 30);
  return [
    found(
      late ? 'deletionSlow' : 'deleting',
      late ? 'waiting' : 'progress',
      'instance',
      { finalizers: finalizers.join(', ') || '–' },
      { about },
    ),
  ];
}

function platformCauses(e: Evidence): Finding[] {
  const kubevirts = objectsIn<PlatformObject>(e.looks.get('kubevirts'));
  const unavailable = kubevirts.flatMap((object) =>
    componentTroubles(object).flatMap((trouble) =>
      trouble.sentence.key === 'overview.trouble.unavailable' ? [{ object, trouble }] : [],
    ),
  )[0];
  const born = secondsSince(e, e.vm.metadata.creationTimestamp);
  const isIgnored = e.facts.printableStatus === '' && born > NO_ANSWER_S;
  // An instance that stays without a phase or a pod for long has nobody who looks after it either.
  if (unavailable) {
    const { metadata } = unavailable.object;
    const object: ObjectLink = {
      resource: RESOURCES.kubevirts,
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
    };
    return [
      found(
        'kubevirtDown',
        'broken',
        'instance',
        {},
        { words: [unavailable.trouble.words], about: object, offer: { kind: 'object', object } },
      ),
    ];
  }
  return isIgnored ? [found('kubevirtSilent', 'broken', 'instance', {})] : [];
}

function failureCauses(e: Evidence): Finding[] {
  const failure = findCondition(e.vm.status?.conditions, 'Failure');
  const { instancetype, preference } = e.vm.spec;
  const { namespace } = e.target;
  const words = [failure?.message];
  const missing = (
    named: { name?: string; kind?: string } | undefined,
    own: RegExp,
    kinds: 'instancetype' | 'preference',
  ) => {
    if (!named?.name) return false;
    const local = own.test(named.kind ?? '');
    const pair = {
      instancetype: [RESOURCES.instancetypes, RESOURCES.clusterInstancetypes],
      preference: [RESOURCES.preferences, RESOURCES.clusterPreferences],
    } as const;
    return presence(e, pair[kinds][local ? 0 : 1], local ? namespace : undefined, named.name) === 'missing';
  };
  const severity = e.vmi ? 'attention' : 'broken';
  const offer = { kind: 'section', section: 'size' } as const;
  if (
    /FindInstancetype/.test(failure?.reason ?? '') ||
    (!e.vmi &&
      !e.vm.status?.instancetypeRef?.controllerRevisionRef &&
      missing(instancetype, /^virtualmachineinstancetypes?$/i, 'instancetype'))
  )
    return [
      found(
        'instancetypeMissing',
        severity,
        'instance',
        { name: instancetype?.name ?? '' },
        { words, offer },
      ),
    ];
  if (
    /FindPreference/.test(failure?.reason ?? '') ||
    (!e.vmi &&
      !e.vm.status?.preferenceRef?.controllerRevisionRef &&
      missing(preference, /^virtualmachinepreferences?$/i, 'preference'))
  )
    return [
      found('preferenceMissing', severity, 'instance', { name: preference?.name ?? '' }, { words, offer }),
    ];
  if (!failure) return [];
  const say = short(failure.message ?? failure.reason ?? '');
  if (/^HotPlug|VolumesUpdateError/.test(failure.reason ?? ''))
    return [found('changeFailed', 'attention', 'instance', { words: say }, { words })];
  return [
    found(
      'creationRefused',
      e.vmi ? 'attention' : 'broken',
      'instance',
      { words: say },
      { words, offer: { kind: 'section', section: 'general' } },
    ),
  ];
}

function crashCauses(e: Evidence): Finding[] {
  const { startFailure, vmi, recoveryRequired } = e.facts;
  const findings: Finding[] = [];
  if (recoveryRequired)
    findings.push(
      found('recoveryRequired', 'broken', 'volumes', {}, { offer: { kind: 'section', section: 'disks' } }),
    );
  findings.push(...againAndAgain(e));
  if (!startFailure || (vmi?.phase === 'Running' && e.facts.printableStatus === 'Running')) return findings;
  const crashed = eventsAbout(e, e.target.name, 'Stopped', 'SyncFailed', 'FailedCreate').filter(
    ({ type }) => type === 'Warning',
  );
  const words = crashed[0]?.message;
  const retryIn = startFailure.retryAt
    ? Math.max(0, Math.ceil((Date.parse(startFailure.retryAt) - e.now) / 1000))
    : 0;
  const said = /crashed|^The VirtualMachineInstance/i.test(words ?? '') ? '' : short(words ?? '');
  findings.push(
    found(
      'crashLoop',
      'broken',
      'boot',
      { count: startFailure.count, retryIn, words: said, says: said ? 'yes' : 'no' },
      {
        words: [words],
        offer: { kind: 'console' },
      },
    ),
  );
  return findings;
}

/** A guest that ran before it ended counts as no failure to start: KubeVirt starts it anew at once. */
function againAndAgain(e: Evidence): Finding[] {
  const ends = eventsAbout(e, e.target.name, 'Stopped').filter(
    (event) => secondsSince(e, lastSeen(event)) < RECENT_S,
  );
  const times = (type: string) =>
    ends.filter((event) => event.type === type).reduce((sum, { count = 1 }) => sum + count, 0);
  const words = [ends[0]?.message];
  const crashes = times('Warning');
  if (crashes >= 2) return [found('keepsCrashing', 'broken', 'boot', { count: crashes }, { words })];
  const ended = times('Normal');
  if (ended < 3 || e.facts.runStrategy !== 'Always') return [];
  return [found('keepsStopping', 'attention', 'boot', { count: ended }, { words })];
}

function pauseCauses(e: Evidence): Finding[] {
  const paused = vmiCondition(e, 'Paused');
  if (!paused) return [];
  const words = [paused.message];
  if (paused.reason === 'PausedIOError')
    return [
      found('pausedByDisk', 'broken', 'boot', {}, { words, offer: { kind: 'section', section: 'disks' } }),
    ];
  return [found('paused', 'off', 'boot', {}, { words, offer: { kind: 'action', id: 'unpause' } })];
}

function migrationCauses(e: Evidence): Finding[] {
  const migrations = objectsIn<Migration>(e.looks.get('migrations'));
  const stuck = migrations.find((each) => isStuck(each, e.now));
  const state = e.vmi?.status?.migrationState;
  if (stuck) {
    const object: ObjectLink = {
      resource: RESOURCES.migrations,
      namespace: e.target.namespace,
      name: stuck.metadata.name,
    };
    const minutes = Math.round(secondsSince(e, migrationPhaseSince(stuck)) / 60);
    const phase = stuck.status?.phase || 'Pending';
    return [
      found(
        'migrationStuck',
        'attention',
        'boot',
        { phase, minutes },
        { words: [state?.failureReason], about: object, offer: { kind: 'object', object } },
      ),
    ];
  }
  if (state?.failed && state.endTimestamp && secondsSince(e, String(state.endTimestamp)) < 3600)
    return [
      found(
        'migrationFailed',
        'note',
        'boot',
        { words: short(state.failureReason ?? '') || '–' },
        { words: [state.failureReason] },
      ),
    ];
  return [];
}

function noteCauses(e: Evidence): Finding[] {
  const findings: Finding[] = [];
  const restart = findCondition(e.vm.status?.conditions, 'RestartRequired');
  if (restart && e.vmi)
    findings.push(
      found(
        'restartRequired',
        'note',
        'agent',
        {},
        { words: [restart.message], offer: { kind: 'action', id: 'restart' } },
      ),
    );
  const credentials = vmiCondition(e, 'AccessCredentialsSynchronized', 'False');
  if (credentials)
    findings.push(
      found(
        'credentialsNotSet',
        'attention',
        'agent',
        { words: short(credentials.message ?? '') },
        { words: [credentials.message], offer: { kind: 'section', section: 'guest' } },
      ),
    );
  const sync = vmiCondition(e, 'Synchronized', 'False');
  const told = [
    'FailedCreate',
    'FailedPvcNotFound',
    'ErrImagePull',
    'ImagePullBackOff',
    'ErrImageNeverPull',
    'InvalidImageName',
  ];
  if (sync && !told.includes(sync.reason ?? ''))
    findings.push(
      found(
        'syncFailed',
        e.vmi?.status?.phase === 'Running' ? 'attention' : 'broken',
        'boot',
        { words: short(sync.message ?? sync.reason ?? '') },
        { words: [sync.message] },
      ),
    );
  return findings;
}
