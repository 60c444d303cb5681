'use client';

import { useText } from '@/components/ui/text';
import type { BootSource } from '@/lib/kinds/vm/form/boot-source';
import { type DiskEntry, withDisk } from '@/lib/kinds/vm/form/disk-entries';
import { SectionPart } from '../section-part';
import { onVm, useVmForm } from '../vm-form';
import { ClaimFields } from './claim-fields';
import { CloneNote } from './clone-note';
import { isUnwritten, type OtherKind } from './image-kinds';
import { IsoFields } from './iso-fields';
import { SnapshotFields } from './snapshot-fields';
import { RegistryFields, UrlFields } from './source-fields';
import { UploadFields } from './upload-fields';
import { UploadProgress } from './upload-progress';
import { type ChosenVolume, VolumeFields } from './volume-fields';

/** What the chosen kind of image needs to know, and the disk that it goes to. */
export function ImageDetails({
  kind,
  source,
  root,
  onSource,
  onUploading,
}: {
  kind: OtherKind | undefined;
  source: BootSource;
  root: DiskEntry | undefined;
  onSource: (source: BootSource, least?: string) => void;
  /** There is a volume now that what is uploaded goes into. */
  onUploading: (name: string) => void;
}) {
  const t = useText();
  const { cluster, namespace, change, locked } = useVmForm();
  const shared = { id: 'image', cluster, namespace, isDisabled: locked !== undefined };
  const from = source.kind === 'template' ? source.from : undefined;
  const template = root?.template;
  return (
    <>
      {kind === 'http' && from?.kind === 'http' && (
        <UrlFields {...shared} value={from} onChange={(next) => onSource({ kind: 'template', from: next })} />
      )}
      {kind === 'registry' && from?.kind === 'registry' && (
        <RegistryFields
          {...shared}
          value={from}
          onChange={(next) => onSource({ kind: 'template', from: next })}
        />
      )}
      {kind === 'snapshot' && from?.kind === 'snapshot' && (
        <SnapshotFields
          {...shared}
          value={from}
          onChange={(next, least) => onSource({ kind: 'template', from: next }, least || undefined)}
        />
      )}
      {kind === 'volume' && (
        <VolumeFields
          {...shared}
          value={volumeOf(source, namespace)}
          onChange={(volume) => onSource(sourceOfVolume(volume), volume.size || undefined)}
        />
      )}
      {kind === 'iso' && source.kind === 'iso' && (
        <IsoFields
          {...shared}
          value={source.medium}
          onChange={(medium) => onSource({ kind: 'iso', medium })}
        />
      )}
      {(kind === 'vm' || kind === 'vmSnapshot') && <CloneNote kind={kind} {...{ cluster, namespace }} />}
      {kind === 'upload' && <UploadFields {...shared} onUploading={onUploading} />}
      {source.kind === 'volume' && source.name && <UploadProgress name={source.name} />}
      {root && template && !isUnwritten(kind) && (
        <SectionPart title={t('disks.root.title')} isFoldable isOpen={kind !== undefined}>
          <ClaimFields
            id="root-disk"
            cluster={cluster}
            template={template}
            isDisabled={locked !== undefined}
            onChange={(next) => change(onVm((vm) => withDisk(vm, { ...root, template: next })))}
          />
        </SectionPart>
      )}
    </>
  );
}

function volumeOf(source: BootSource, namespace: string): ChosenVolume {
  const size = '';
  if (source.kind === 'volume') return { way: 'use', type: source.type, namespace, name: source.name, size };
  const from = source.kind === 'template' && source.from.kind === 'pvc' ? source.from : undefined;
  const { namespace: origin = namespace, name = '' } = from ?? {};
  return { way: 'clone', type: 'persistentVolumeClaim', namespace: origin || namespace, name, size };
}

function sourceOfVolume({ way, type, namespace, name }: ChosenVolume): BootSource {
  return way === 'use'
    ? { kind: 'volume', type, name }
    : { kind: 'template', from: { kind: 'pvc', namespace, name } };
}
