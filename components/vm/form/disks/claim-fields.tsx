'use client';

import { Switch } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { JsonObject } from '@/lib/k8s/json';
import { RESOURCES } from '@/lib/kinds/resources';
import { claimShapes } from '@/lib/kinds/vm/form/storage-offers';
import {
  accessModeOf,
  isPreallocated,
  sizeOf,
  sourceOf,
  storageClassOf,
  volumeModeOf,
  withAccessMode,
  withPreallocation,
  withSize,
  withStorageClass,
  withVolumeMode,
} from '@/lib/kinds/vm/form/volume-template';
import { useObject } from '@/lib/live/use-live';
import { formatBytes, parseQuantity } from '@/lib/units';
import { AmountInput } from '../amount-input';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { SectionPart } from '../section-part';
import type { PlacedProblem } from '../vm-form';
import { useStorageClasses } from './use-offers';

export interface ClaimFieldsProps {
  id: string;
  cluster: string;
  /** A DataVolume of the VM. */
  template: JsonObject;
  onChange: (template: JsonObject) => void;
  /** The size of what it is filled from, as the API spells it. */
  least?: string | undefined;
  isDisabled?: boolean;
  problems?: readonly PlacedProblem[];
}

/** How large the volume of a disk is, and of which storage. */
export function ClaimFields({
  id,
  cluster,
  template,
  onChange,
  least,
  isDisabled = false,
  problems = [],
}: ClaimFieldsProps) {
  const t = useText();
  const size = sizeOf(template);
  const bytes = parseQuantity(size || undefined);
  const leastBytes = parseQuantity(least || undefined);
  const isSmall = bytes !== undefined && leastBytes !== undefined && bytes < leastBytes;
  return (
    <>
      <FormField
        id={`${id}-size`}
        label={t('disks.claim.size')}
        help={
          leastBytes === undefined
            ? t(sourceOf(template)?.kind === 'blank' ? 'disks.claim.blankHelp' : 'disks.claim.sizeHelp')
            : t('disks.claim.least', { least: formatBytes(leastBytes) })
        }
        problems={
          isSmall
            ? [
                {
                  path: '',
                  severity: 'error',
                  message: { key: 'disks.claim.small', values: { least: formatBytes(leastBytes) } },
                },
              ]
            : problems
        }
      >
        {(control) => (
          <AmountInput
            {...control}
            label={t('disks.claim.size')}
            value={size}
            isDisabled={isDisabled}
            onChange={(next) => onChange(withSize(template, next))}
          />
        )}
      </FormField>
      <StorageClassField
        id={`${id}-class`}
        cluster={cluster}
        value={storageClassOf(template)}
        isDisabled={isDisabled}
        onChange={(next) => onChange(withStorageClass(template, next))}
      />
      <SectionPart title={t('disks.claim.more')} isFoldable>
        <ClaimModes {...{ id, cluster, template, onChange, isDisabled }} />
      </SectionPart>
    </>
  );
}

export function StorageClassField({
  id,
  cluster,
  value,
  onChange,
  isDisabled,
}: {
  id: string;
  cluster: string;
  value: string;
  onChange: (name: string) => void;
  isDisabled: boolean;
}) {
  const t = useText();
  const { offers, isLoading, error } = useStorageClasses(cluster);
  const standard = offers.find(({ isDefault }) => isDefault);
  const options = [
    {
      value: '',
      label: standard ? t('disks.class.default', { name: standard.name }) : t('disks.class.noDefault'),
    },
    ...offers.map(({ name, provisioner, canGrow, waitsForConsumer }) => ({
      value: name,
      label: name,
      description: [
        provisioner,
        t(canGrow ? 'disks.class.grows' : 'disks.class.fixed'),
        ...(waitsForConsumer ? [t('disks.class.waits')] : []),
      ].join(' · '),
    })),
  ];
  const isMissing = value === '' && !standard && !isLoading && error === undefined;
  return (
    <FormField
      id={id}
      label={t('disks.class.label')}
      help={t('disks.class.help')}
      problems={isMissing ? [{ path: '', severity: 'warning', message: { key: 'disks.class.none' } }] : []}
    >
      {(control) => (
        <Choice
          {...control}
          label={t('disks.class.label')}
          options={options}
          value={value}
          allowOther
          {...{ isLoading, isDisabled, onChange }}
          {...(error === undefined ? {} : { error })}
        />
      )}
    </FormField>
  );
}

/** What the storage profile decides unless somebody says otherwise. */
function ClaimModes({
  id,
  cluster,
  template,
  onChange,
  isDisabled,
}: Omit<ClaimFieldsProps, 'least' | 'problems'> & { isDisabled: boolean }) {
  const t = useText();
  const { offers } = useStorageClasses(cluster);
  const name = storageClassOf(template) || offers.find(({ isDefault }) => isDefault)?.name || '-';
  const { object: profile } = useObject(cluster, RESOURCES.storageProfiles, undefined, name);
  const shapes = claimShapes(profile);
  const known = (of: string[]) => [...new Set(of)].filter(Boolean);
  const accessModes = known([
    ...shapes.map(({ accessMode }) => accessMode),
    'ReadWriteOnce',
    'ReadWriteMany',
    'ReadOnlyMany',
  ]);
  const volumeModes = known([...shapes.map(({ volumeMode }) => volumeMode), 'Filesystem', 'Block']);
  const byProfile = (word: string | undefined) =>
    word ? t('disks.modes.profile', { mode: word }) : t('disks.modes.unknownProfile');
  return (
    <>
      <FormField id={`${id}-access`} label={t('disks.modes.access')} help={t('disks.modes.accessHelp')}>
        {(control) => (
          <Pick
            {...control}
            label={t('disks.modes.access')}
            value={accessModeOf(template)}
            isDisabled={isDisabled}
            options={[
              { value: '', label: byProfile(shapes[0]?.accessMode) },
              ...accessModes.map((mode) => ({ value: mode, label: mode })),
            ]}
            onChange={(next) => onChange(withAccessMode(template, next))}
          />
        )}
      </FormField>
      <FormField id={`${id}-mode`} label={t('disks.modes.volume')} help={t('disks.modes.volumeHelp')}>
        {(control) => (
          <Pick
            {...control}
            label={t('disks.modes.volume')}
            value={volumeModeOf(template)}
            isDisabled={isDisabled}
            options={[
              { value: '', label: byProfile(shapes[0]?.volumeMode) },
              ...volumeModes.map((mode) => ({ value: mode, label: mode })),
            ]}
            onChange={(next) => onChange(withVolumeMode(template, next))}
          />
        )}
      </FormField>
      <Switch
        id={`${id}-preallocation`}
        label={t('disks.modes.preallocation')}
        isChecked={isPreallocated(template)}
        isDisabled={isDisabled}
        onChange={(_event, next) => onChange(withPreallocation(template, next))}
      />
    </>
  );
}
