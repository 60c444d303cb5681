'use client';

import { useText } from '@/components/ui/text';
import { type JsonPath, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { diskSource } from '@/lib/kinds/vm/form/disk-edits';
import { type DiskEntry, volumeKind } from '@/lib/kinds/vm/form/disk-entries';
import {
  atLeast,
  sizeOf,
  sourceOf,
  type VolumeSource,
  withSize,
  withSource,
} from '@/lib/kinds/vm/form/volume-template';
import { isHotpluggable } from '@/lib/kinds/vm/form/volumes-apply';
import type { MessageKey } from '@/lib/text';
import { AmountInput } from '../amount-input';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useVmForm } from '../vm-form';
import { ClaimFields } from './claim-fields';
import { DataSourceField } from './data-source-field';
import { DownwardFields } from './downward-fields';
import { SnapshotFields } from './snapshot-fields';
import { LineField, ObjectField, RegistryFields, UrlFields } from './source-fields';
import { VolumeFields } from './volume-fields';

interface KindProps {
  id: string;
  entry: DiskEntry;
  onChange: (entry: DiskEntry) => void;
}

/** What a disk's source needs to know: where a new volume is filled from, or what the volume names. */
export function VolumeKindFields({ id, entry, onChange }: KindProps) {
  return entry.template ? (
    <TemplateFields {...{ id, entry, onChange }} />
  ) : (
    <PlainFields {...{ id, entry, onChange }} />
  );
}

function TemplateFields({ id, entry, onChange }: KindProps) {
  const { cluster, namespace, locked } = useVmForm();
  const { template } = entry;
  if (!template) return null;
  const source = sourceOf(template);
  const shared = { id, cluster, namespace, isDisabled: locked !== undefined };
  const setSource = (next: VolumeSource, least?: string) => {
    const filled = withSource(template, next);
    onChange({ ...entry, template: withSize(filled, atLeast(sizeOf(filled), least)) });
  };
  return (
    <>
      {source?.kind === 'http' && <UrlFields {...shared} value={source} onChange={setSource} />}
      {source?.kind === 'registry' && <RegistryFields {...shared} value={source} onChange={setSource} />}
      {source?.kind === 'dataSource' && <DataSourceField {...shared} value={source} onChange={setSource} />}
      {source?.kind === 'snapshot' && (
        <SnapshotFields
          {...shared}
          value={source}
          onChange={(next, least) => setSource(next, least || undefined)}
        />
      )}
      {source?.kind === 'pvc' && (
        <VolumeFields
          {...shared}
          waysOffered={['clone']}
          value={{
            way: 'clone',
            type: 'persistentVolumeClaim',
            namespace: source.namespace,
            name: source.name,
            size: '',
          }}
          onChange={(volume) =>
            setSource(
              { kind: 'pvc', namespace: volume.namespace, name: volume.name },
              volume.size || undefined,
            )
          }
        />
      )}
      <ClaimFields
        id={id}
        cluster={cluster}
        template={template}
        isDisabled={locked !== undefined}
        onChange={(next) => onChange({ ...entry, template: next })}
      />
    </>
  );
}

function PlainFields({ id, entry, onChange }: KindProps) {
  const t = useText();
  const { cluster, namespace, locked } = useVmForm();
  const isDisabled = locked !== undefined;
  const volume = entry.volume ?? {};
  const set = (path: JsonPath, value: unknown) =>
    onChange({ ...entry, volume: withValueAt(volume, path, value) });
  const line = (path: JsonPath, label: MessageKey, help: MessageKey, isNeeded = false) => (
    <LineField
      id={`${id}-${path.join('-')}`}
      label={t(label)}
      help={t(help)}
      value={wordAt(volume, path)}
      isDisabled={isDisabled}
      problem={isNeeded && !wordAt(volume, path) ? 'disks.problem.unnamed' : undefined}
      onChange={(next) => set(path, next || (isNeeded ? '' : undefined))}
    />
  );
  const object = (path: JsonPath, resource: 'configMaps' | 'persistentVolumeClaims', label: MessageKey) => (
    <ObjectField
      id={`${id}-${path.join('-')}`}
      label={t(label)}
      help={t('disks.kind.objectHelp', { namespace })}
      value={wordAt(volume, path)}
      onChange={(next) => set(path, next)}
      {...{ cluster, namespace, resource, isDisabled }}
    />
  );
  const amount = (path: JsonPath) => (
    <FormField id={`${id}-capacity`} label={t('disks.claim.size')} help={t('disks.kind.capacityHelp')}>
      {(control) => (
        <AmountInput
          {...control}
          label={t('disks.claim.size')}
          value={wordAt(volume, path)}
          isDisabled={isDisabled}
          onChange={(next) => set(path, next || undefined)}
        />
      )}
    </FormField>
  );
  const pick = (
    path: JsonPath,
    label: MessageKey,
    help: MessageKey,
    values: readonly string[],
    standard = true,
  ) => (
    <FormField id={`${id}-${path.join('-')}`} label={t(label)} help={t(help)}>
      {(control) => (
        <Pick
          {...control}
          label={t(label)}
          value={wordAt(volume, path)}
          isDisabled={isDisabled}
          options={[
            ...(standard ? [{ value: '', label: t('disks.options.default') }] : []),
            ...values.map((value) => ({ value, label: value })),
          ]}
          onChange={(next) => set(path, next || undefined)}
        />
      )}
    </FormField>
  );
  switch (diskSource(entry)) {
    case 'existing':
      return <ExistingVolume {...{ id, entry, onChange }} />;
    case 'containerDisk':
      return (
        <>
          {line(
            ['containerDisk', 'image'],
            'disks.containerDisk.image',
            'disks.containerDisk.imageHelp',
            true,
          )}
          {line(
            ['containerDisk', 'imagePullSecret'],
            'disks.containerDisk.secret',
            'disks.containerDisk.secretHelp',
          )}
          {line(['containerDisk', 'path'], 'disks.containerDisk.path', 'disks.containerDisk.pathHelp')}
          {pick(
            ['containerDisk', 'imagePullPolicy'],
            'disks.containerDisk.policy',
            'disks.containerDisk.policyHelp',
            ['Always', 'IfNotPresent', 'Never'],
          )}
        </>
      );
    case 'ephemeral':
      return object(
        ['ephemeral', 'persistentVolumeClaim', 'claimName'],
        'persistentVolumeClaims',
        'disks.volume.claim',
      );
    case 'emptyDisk':
      return amount(['emptyDisk', 'capacity']);
    case 'hostDisk':
      return (
        <>
          {line(['hostDisk', 'path'], 'disks.kind.hostPath', 'disks.kind.hostPathHelp', true)}
          {pick(
            ['hostDisk', 'type'],
            'disks.kind.hostType',
            'disks.kind.hostTypeHelp',
            ['DiskOrCreate', 'Disk'],
            false,
          )}
          {amount(['hostDisk', 'capacity'])}
        </>
      );
    case 'configMap':
      return (
        <>
          {object(['configMap', 'name'], 'configMaps', 'disks.source.configMap')}
          {line(['configMap', 'volumeLabel'], 'disks.kind.volumeLabel', 'disks.kind.volumeLabelHelp')}
        </>
      );
    case 'secret':
      return (
        <>
          {line(['secret', 'secretName'], 'disks.source.secret', 'disks.kind.secretHelp', true)}
          {line(['secret', 'volumeLabel'], 'disks.kind.volumeLabel', 'disks.kind.volumeLabelHelp')}
        </>
      );
    case 'serviceAccount':
      return line(
        ['serviceAccount', 'serviceAccountName'],
        'disks.source.serviceAccount',
        'disks.kind.accountHelp',
        true,
      );
    case 'downwardAPI':
      return (
        <DownwardFields
          id={id}
          value={valueAt(volume, ['downwardAPI', 'fields'])}
          isDisabled={isDisabled}
          onChange={(fields) => set(['downwardAPI', 'fields'], fields)}
        />
      );
    case 'containerPath':
      return line(
        ['containerPath', 'path'],
        'disks.kind.containerPath',
        'disks.kind.containerPathHelp',
        true,
      );
    default:
      return null;
  }
}

function ExistingVolume({ id, entry, onChange }: KindProps) {
  const { cluster, namespace, locked } = useVmForm();
  const { volume, name } = entry;
  const type = volumeKind(volume) === 'dataVolume' ? 'dataVolume' : 'persistentVolumeClaim';
  const key = (of: typeof type) => (of === 'dataVolume' ? 'name' : 'claimName');
  return (
    <VolumeFields
      {...{ id, cluster, namespace, isDisabled: locked !== undefined }}
      waysOffered={['use']}
      value={{ way: 'use', type, namespace, name: wordAt(volume, [type, key(type)]), size: '' }}
      onChange={(chosen) => {
        const isHot = isHotpluggable(volume);
        const named = { [key(chosen.type)]: chosen.name, ...(isHot ? { hotpluggable: true } : {}) };
        const next =
          chosen.type === type
            ? withValueAt(volume ?? { name }, [type, key(type)], chosen.name)
            : { name, [chosen.type]: named };
        onChange({ ...entry, volume: next });
      }}
    />
  );
}
