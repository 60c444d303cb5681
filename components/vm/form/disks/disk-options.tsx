'use client';

import { Switch } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { type JsonObject, type JsonPath, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { CACHES, ERROR_POLICIES, IO_MODES, withHotplug } from '@/lib/kinds/vm/form/disk-edits';
import { type DiskEntry, deviceOf, volumeKind } from '@/lib/kinds/vm/form/disk-entries';
import { isHotpluggable } from '@/lib/kinds/vm/form/volumes-apply';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useVmForm } from '../vm-form';
import { LineField } from './source-fields';

/** What of a disk people seldom change: cache, identity, sharing. */
export function DiskOptions({
  id,
  entry,
  onChange,
}: {
  id: string;
  entry: DiskEntry;
  onChange: (entry: DiskEntry) => void;
}) {
  const t = useText();
  const { locked } = useVmForm();
  const isDisabled = locked !== undefined;
  const disk: JsonObject = entry.disk ?? {};
  const device = deviceOf(entry.disk);
  const set = (path: JsonPath, value: unknown) =>
    onChange({ ...entry, disk: withValueAt(disk, path, value) });
  const pick = (key: 'cache' | 'io' | 'errorPolicy', values: readonly string[]) => (
    <FormField id={`${id}-${key}`} label={t(`disks.options.${key}`)} help={t(`disks.options.${key}Help`)}>
      {(control) => (
        <Pick
          {...control}
          label={t(`disks.options.${key}`)}
          value={wordAt(disk, [key])}
          isDisabled={isDisabled}
          options={[
            { value: '', label: t('disks.options.default') },
            ...values.map((value) => ({ value, label: value })),
          ]}
          onChange={(next) => set([key], next || undefined)}
        />
      )}
    </FormField>
  );
  const flag = (
    key: 'dedicatedIOThread' | 'shareable' | 'readonly' | 'hotpluggable',
    isOn: boolean,
    change: (isOn: boolean) => void,
  ) => (
    <Switch
      id={`${id}-${key}`}
      label={t(`disks.options.${key}`)}
      isChecked={isOn}
      isDisabled={isDisabled}
      onChange={(_event, next) => change(next)}
    />
  );
  const readonly: JsonPath = [device, 'readonly'];
  const kind = volumeKind(entry.volume);
  return (
    <>
      <LineField
        id={`${id}-serial`}
        label={t('disks.options.serial')}
        help={t('disks.options.serialHelp')}
        value={wordAt(disk, ['serial'])}
        isDisabled={isDisabled}
        problem={
          /^[A-Za-z0-9_.+-]{0,256}$/.test(wordAt(disk, ['serial'])) ? undefined : 'disks.problem.serial'
        }
        onChange={(serial) => set(['serial'], serial || undefined)}
      />
      {pick('cache', CACHES)}
      {pick('io', IO_MODES)}
      {pick('errorPolicy', ERROR_POLICIES)}
      <BlockSize id={id} disk={disk} isDisabled={isDisabled} onChange={(next) => set(['blockSize'], next)} />
      {(kind === 'dataVolume' || kind === 'persistentVolumeClaim') &&
        flag('hotpluggable', isHotpluggable(entry.volume), (isHot) => onChange(withHotplug(entry, isHot)))}
      {flag('dedicatedIOThread', disk.dedicatedIOThread === true, (isOn) =>
        set(['dedicatedIOThread'], isOn || undefined),
      )}
      {flag('shareable', disk.shareable === true, (isOn) => set(['shareable'], isOn || undefined))}
      {/* A CD-ROM is read-only unless it says otherwise, which nobody wants. */}
      {device !== 'cdrom' &&
        flag('readonly', valueAt(disk, readonly) === true, (isOn) => set(readonly, isOn || undefined))}
    </>
  );
}

/** How large the blocks are that the guest sees: its own choice, the volume's, or 512 bytes or 4 KiB by hand. */
function BlockSize({
  id,
  disk,
  isDisabled,
  onChange,
}: {
  id: string;
  disk: JsonObject;
  isDisabled: boolean;
  onChange: (blockSize: JsonObject | undefined) => void;
}) {
  const t = useText();
  const logical = valueAt(disk, ['blockSize', 'custom', 'logical']);
  const physical = valueAt(disk, ['blockSize', 'custom', 'physical']);
  const isMatched = valueAt(disk, ['blockSize', 'matchVolume']) !== undefined;
  const value = isMatched ? 'match' : logical === undefined ? '' : `${logical}/${physical}`;
  const custom = (size: string) => ({ value: size, label: t('disks.options.blocks', { sizes: size }) });
  return (
    <FormField
      id={`${id}-blocks`}
      label={t('disks.options.blockSize')}
      help={t('disks.options.blockSizeHelp')}
    >
      {(control) => (
        <Pick
          {...control}
          label={t('disks.options.blockSize')}
          value={value}
          isDisabled={isDisabled}
          options={[
            { value: '', label: t('disks.options.default') },
            { value: 'match', label: t('disks.options.matchVolume') },
            ...['512/512', '512/4096', '4096/4096'].map(custom),
          ]}
          onChange={(next) => {
            const [one, other] = next.split('/').map(Number);
            if (next === '') onChange(undefined);
            else if (next === 'match') onChange({ matchVolume: { enabled: true } });
            else onChange({ custom: { logical: one, physical: other } });
          }}
        />
      )}
    </FormField>
  );
}
