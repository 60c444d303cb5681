import { RESOURCES } from '@/lib/kinds/resources';
import { type ClaimVolume, type Evidence, eventsAbout, isWanted, presence } from './evidence';
import { type Finding, found, type ObjectLink, type Offer, type Severity, short } from './finding';
import type { DataVolume } from './objects';
import { importTrouble, pullTrouble, quotaRefusal } from './words';

const DISKS: Offer = { kind: 'section', section: 'disks' };
/** A cluster's own controllers take some seconds to notice what was just made. */
const NOTICE_S = 5;

/** What keeps the volumes of a machine from being there with their bytes. */
export function volumeCauses(e: Evidence): Finding[] {
  return e.claims.flatMap((volume) => causeOf(e, volume) ?? []);
}

function causeOf(e: Evidence, volume: ClaimVolume): Finding | undefined {
  const { claim, pvc, dv } = volume;
  const { namespace } = e.target;
  const wanted: Severity = isWanted(e) ? 'broken' : 'attention';
  const ofDv: ObjectLink = { resource: RESOURCES.dataVolumes, namespace, name: claim };
  const ofClaim: ObjectLink = { resource: RESOURCES.persistentVolumeClaims, namespace, name: claim };
  if (pvc?.status?.phase === 'Lost')
    return found('claimLost', 'broken', 'volumes', { claim }, { about: ofClaim, offer: show(ofClaim) });
  if (dv && dv.status?.phase !== 'Succeeded') {
    const trouble = importCause(e, volume, dv, ofDv);
    if (trouble) return trouble;
  }
  if (!pvc && !dv) {
    const refused = eventsAbout(
      e,
      e.target.name,
      'FailedDataVolumeCreate',
      'UnauthorizedDataVolumeCreate',
      'FailedCreate',
    )[0];
    const template = e.vm.spec.dataVolumeTemplates?.some(({ metadata }) => metadata?.name === claim);
    if (template && refused)
      return found(
        'volumeRefused',
        'broken',
        'volumes',
        { claim, words: short(refused.message ?? '') },
        { words: [refused.message], offer: DISKS },
      );
    const said = e.vmi?.status?.conditions?.find(({ reason }) => reason === 'FailedPvcNotFound');
    if (!volume.isMissing && !said) return undefined;
    if (template) return undefined;
    return found(
      'claimMissing',
      wanted,
      'volumes',
      { claim, namespace, volume: volume.name },
      { words: [said?.message], about: ofClaim, offer: DISKS },
    );
  }
  if (pvc && pvc.status?.phase !== 'Bound') return pendingCause(e, volume, ofClaim, wanted);
  return undefined;
}

/** What an import, an upload or a clone waits for or fails of. */
function importCause(
  e: Evidence,
  { claim, pvc }: ClaimVolume,
  dv: DataVolume,
  about: ObjectLink,
): Finding | undefined {
  const { namespace } = e.target;
  const phase = dv.status?.phase ?? '';
  const running = dv.status?.conditions?.find(({ type }) => type === 'Running');
  const bound = dv.status?.conditions?.find(({ type }) => type === 'Bound');
  const ready = dv.status?.conditions?.find(({ type }) => type === 'Ready');
  const source = sourceOf(dv);
  const events = eventsAbout(e, claim);
  const quota = [
    ...events.map(({ message }) => message ?? ''),
    ready?.message ?? '',
    bound?.message ?? '',
  ].find((words) => quotaRefusal(words));
  if (quota && !pvc) {
    const refusal = quotaRefusal(quota);
    const { quota: name = '', ...amounts } = refusal ?? { requested: '', used: '', limited: '' };
    return found(
      'quota',
      'broken',
      'volumes',
      { quota: name, ...amounts, what: claim },
      { words: [quota], offer: quotaOffer(namespace, name) },
    );
  }
  const missing = missingSource(e, dv);
  if (missing) {
    const words = events.find(
      ({ reason, type }) => type === 'Warning' || /Source/.test(reason ?? ''),
    )?.message;
    return found(
      'sourceMissing',
      'broken',
      'volumes',
      { claim, source: missing },
      { words: [words], about, offer: show(about) },
    );
  }
  const failing =
    running?.status === 'False' &&
    ['Error', 'ImagePullFailed', 'Unschedulable'].includes(running.reason ?? '');
  const warned = events.find(
    ({ type, reason }) => type === 'Warning' && !/^(Pending|NotFound)$/.test(reason ?? ''),
  );
  if (failing || phase === 'Failed') {
    const words = running?.message || warned?.message || '';
    const values = { claim, source, words: short(words), tries: dv.status?.restartCount ?? 0 };
    const known = { words: [words, warned?.message], about, offer: show(about) };
    if (running?.reason === 'ImagePullFailed') {
      const denied = pullTrouble(words) === 'denied';
      return found(denied ? 'importDenied' : 'importNotFound', 'broken', 'volumes', values, known);
    }
    if (running?.reason === 'Unschedulable')
      return found('importUnscheduled', 'broken', 'volumes', values, known);
    const cause = {
      missing: 'importNotFound',
      denied: 'importDenied',
      unreachable: 'importUnreachable',
      space: 'importTooLarge',
      format: 'importUnreadable',
      checksum: 'importChecksum',
      other: 'importFailed',
    } as const;
    return found(cause[importTrouble(words)], 'broken', 'volumes', values, known);
  }
  if (['UploadReady', 'UploadScheduled'].includes(phase) && dv.spec?.source?.upload) {
    return found('uploadWaiting', 'waiting', 'volumes', { claim }, { about, offer: DISKS });
  }
  if (warned && !pvc) {
    if (/access ?mode|StorageProfile/i.test(warned.message ?? ''))
      return found(
        'noAccessMode',
        'broken',
        'volumes',
        { claim, words: short(warned.message ?? '') },
        { words: [warned.message], about, offer: show(about) },
      );
    return found(
      'volumeRefused',
      'broken',
      'volumes',
      { claim, words: short(warned.message ?? '') },
      { words: [warned.message], about, offer: show(about) },
    );
  }
  return undefined;
}

/** Why a claim is not bound. */
function pendingCause(
  e: Evidence,
  { claim, pvc, dv }: ClaimVolume,
  about: ObjectLink,
  wanted: Severity,
): Finding | undefined {
  const className = pvc?.spec?.storageClassName;
  const events = eventsAbout(e, claim);
  if (className && presence(e, RESOURCES.storageClasses, undefined, className) === 'missing')
    return found(
      'storageClassMissing',
      wanted,
      'volumes',
      { claim, class: className },
      { words: [events[0]?.message], about, offer: DISKS },
    );
  const failed = events.find(({ reason }) => reason === 'ProvisioningFailed');
  if (failed)
    return found(
      'provisioningFailed',
      wanted,
      'volumes',
      { claim, class: className ?? '', words: short(failed.message ?? '') },
      { words: [failed.message], about, offer: show(about) },
    );
  if (!className && events.some(({ reason }) => reason === 'FailedBinding'))
    return found(
      'noStorageClass',
      wanted,
      'volumes',
      { claim },
      { words: [events.find(({ reason }) => reason === 'FailedBinding')?.message], about, offer: DISKS },
    );
  // An import fills the claim before it is bound, and a first consumer may be all that is waited for.
  if (dv && dv.status?.phase !== 'Succeeded') return undefined;
  const waiting = events.find(({ reason }) => reason === 'WaitForFirstConsumer');
  if (waiting && !e.vmi) {
    return found('waitsForConsumer', 'note', 'volumes', { claim }, { words: [waiting.message], about });
  }
  const age = (e.now - Date.parse(pvc?.metadata.creationTimestamp ?? '')) / 1000;
  if (waiting || !(age > NOTICE_S)) return undefined;
  return found(
    'claimPending',
    wanted,
    'volumes',
    { claim, class: className ?? '' },
    { words: [events[0]?.message], about, offer: show(about) },
  );
}

/** A source that was looked for and is not there, e.g. `DataSource images/fedora`. */
function missingSource(e: Evidence, dv: DataVolume): string | undefined {
  const { namespace } = e.target;
  const ref = dv.spec?.sourceRef;
  if (ref?.name) {
    const place = ref.namespace ?? namespace;
    if (presence(e, RESOURCES.dataSources, place, ref.name) === 'missing')
      return `DataSource ${place}/${ref.name}`;
  }
  const from = dv.spec?.source?.pvc;
  if (from?.name) {
    const place = from.namespace ?? namespace;
    if (presence(e, RESOURCES.persistentVolumeClaims, place, from.name) === 'missing')
      return `PersistentVolumeClaim ${place}/${from.name}`;
  }
  const snapshot = dv.spec?.source?.snapshot;
  if (snapshot?.name) {
    const place = snapshot.namespace ?? namespace;
    if (presence(e, RESOURCES.volumeSnapshots, place, snapshot.name) === 'missing')
      return `VolumeSnapshot ${place}/${snapshot.name}`;
  }
  return undefined;
}

/** What a DataVolume is filled from, as people know it: an address, an image, a claim. */
export function sourceOf({ spec }: DataVolume): string {
  if (spec?.sourceRef?.name) return `${spec.sourceRef.kind ?? 'DataSource'} ${spec.sourceRef.name}`;
  const [kind, source] = Object.entries(spec?.source ?? {})[0] ?? [];
  return (
    source?.url ??
    (source?.name ? `${source.namespace ?? ''}/${source.name}`.replace(/^\//, '') : (kind ?? ''))
  );
}

function show(object: ObjectLink): Offer {
  return { kind: 'object', object };
}

export function quotaOffer(namespace: string, name: string): Offer {
  return { kind: 'object', object: { resource: RESOURCES.resourceQuotas, namespace, name } };
}
