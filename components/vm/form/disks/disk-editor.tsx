'use client';

import { useText } from '@/components/ui/text';
import { isDnsLabel } from '@/lib/k8s/dns-name';
import {
  BUSES,
  busProblem,
  DISK_SOURCES,
  type DiskSource,
  diskSource,
  KEPT_KINDS,
  sourceProblem,
  withBus,
  withDevice,
  withDiskName,
  withDiskSource,
} from '@/lib/kinds/vm/form/disk-edits';
import {
  busOf,
  type DiskEntry,
  deviceOf,
  diskEntry,
  diskIndex,
  VOLUMES,
  volumeKind,
  withDisk,
} from '@/lib/kinds/vm/form/disk-entries';
import type { Text } from '@/lib/text';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { SectionBody, SectionPart } from '../section-part';
import { onVm, type PlacedProblem, useVmForm } from '../vm-form';
import { DiskOptions } from './disk-options';
import { GrowClaim } from './grow-claim';
import { LineField } from './source-fields';
import { VolumeKindFields } from './volume-kind-fields';

/** The fields of one disk; each change is one of the manifest. */
export function DiskEditor({
  id,
  entry,
  onRenamed,
}: {
  id: string;
  entry: DiskEntry;
  onRenamed: (name: string) => void;
}) {
  const t = useText();
  const { namespace, mode, draft, change, locked, vmi, problems } = useVmForm();
  const { name, disk, volume } = entry;
  const isDisabled = locked !== undefined;
  const set = (next: DiskEntry) => change(onVm((vm) => withDisk(vm, next, name)));
  const source = diskSource(entry);
  const kind = volumeKind(volume);
  const isKept = KEPT_KINDS.some((each) => each === kind);
  const index = diskIndex(draft.vm, name);
  const said = problems.filter(({ path }) =>
    path.startsWith(`spec.template.spec.domain.devices.disks[${index}]`),
  );
  const sources: DiskSource[] = DISK_SOURCES.filter((each) => each !== 'none' || deviceOf(disk) === 'cdrom');
  return (
    <SectionBody>
      <LineField
        id={`${id}-name`}
        label={t('disks.editor.name')}
        help={t('disks.editor.nameHelp')}
        value={name}
        isDisabled={isDisabled}
        problem={isDnsLabel(name) ? undefined : 'disks.problem.name'}
        onChange={(next) => {
          // Two disks of one name would be one: the letter that made it so is not taken.
          if (next === '' || diskEntry(draft.vm, next)) return;
          set(withDiskName(entry, next));
          onRenamed(next);
        }}
      />
      {isKept || (source === undefined && kind !== '') ? (
        <p>{t(isKept ? 'disks.editor.kept' : 'disks.editor.unknown', { kind })}</p>
      ) : (
        <>
          <FormField
            id={`${id}-source`}
            label={t('disks.editor.source')}
            problems={placed(sourceProblem(entry), VOLUMES.join('.'))}
          >
            {(control) => (
              <Pick
                {...control}
                label={t('disks.editor.source')}
                value={source ?? ''}
                isDisabled={isDisabled}
                options={sources.map((each) => ({
                  value: each,
                  label: t(`disks.source.${each}`),
                  description: t(`disks.sourceHelp.${each}`),
                }))}
                onChange={(next) => {
                  const wanted = DISK_SOURCES.find((each) => each === next);
                  if (wanted)
                    set(withDiskSource(draft.vm, entry, wanted, { namespace, isHot: vmi !== undefined }));
                }}
              />
            )}
          </FormField>
          <VolumeKindFields id={id} entry={entry} onChange={set} />
        </>
      )}
      {mode === 'configure' && <GrowClaim id={`${id}-grow`} entry={entry} />}
      {disk && (
        <>
          <FormField id={`${id}-device`} label={t('disks.editor.device')} problems={said}>
            {(control) => (
              <Pick
                {...control}
                label={t('disks.editor.device')}
                value={deviceOf(disk)}
                isDisabled={isDisabled}
                options={(['disk', 'cdrom', 'lun'] as const).map((device) => ({
                  value: device,
                  label: t(`disks.device.${device}`),
                  description: t(`disks.deviceHelp.${device}`),
                }))}
                onChange={(next) => {
                  if (next === 'disk' || next === 'cdrom' || next === 'lun')
                    set({ ...entry, disk: withDevice(disk, next) });
                }}
              />
            )}
          </FormField>
          <FormField
            id={`${id}-bus`}
            label={t('disks.editor.bus')}
            help={t('disks.editor.busHelp')}
            problems={placed(busProblem(entry), `${id}-bus`)}
          >
            {(control) => (
              <Pick
                {...control}
                label={t('disks.editor.bus')}
                value={busOf(disk)}
                isDisabled={isDisabled}
                options={[
                  { value: '', label: t('disks.editor.busDefault') },
                  ...BUSES.map((bus) => ({ value: bus, label: bus })),
                ]}
                onChange={(bus) => set({ ...entry, disk: withBus(disk, bus) })}
              />
            )}
          </FormField>
          <SectionPart title={t('disks.editor.more')} isFoldable>
            <DiskOptions id={id} entry={entry} onChange={set} />
          </SectionPart>
        </>
      )}
    </SectionBody>
  );
}

function placed(problem: Text | undefined, path: string): PlacedProblem[] {
  return problem ? [{ path, severity: 'error', message: problem }] : [];
}
