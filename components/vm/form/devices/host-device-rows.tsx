'use client';

import { Button, TextInput } from '@patternfly/react-core';
import { TimesIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import { isJsonObject, type JsonObject, wordAt } from '@/lib/k8s/json';
import type { PermittedDevice } from '@/lib/kinds/platform/features';
import { newDevice } from '@/lib/kinds/vm/form/device-fields';
import type { Field } from '@/lib/kinds/vm/form/field';
import { useFeatures } from '@/lib/live/use-features';
import { text } from '@/lib/text';
import { Choice } from '../choice';
import type { ChoiceOption } from '../choice-options';
import styles from '../form.module.css';
import { FormField } from '../form-field';
import { useNodes } from '../scheduling/use-nodes';
import { type PlacedProblem, useField, useVmForm } from '../vm-form';

/** Devices of the host that the guest has to itself: added by choosing a resource, named, taken away. */
export function HostDeviceRows({
  field,
  kind,
  label,
  help,
  addLabel,
}: {
  field: Field<readonly unknown[]>;
  kind: 'gpu' | 'device';
  label: string;
  help: string;
  addLabel: string;
}) {
  const t = useText();
  const { cluster, draft } = useVmForm();
  const features = useFeatures(cluster);
  const { nodes } = useNodes(cluster);
  const { value, set, problems, applies, locked } = useField(field);
  const isDisabled = locked !== undefined;
  const onNodes = new Map<string, number>();
  for (const { status } of nodes)
    for (const [resource, amount] of Object.entries(status?.allocatable ?? {}))
      if (isDevice(resource)) onNodes.set(resource, (onNodes.get(resource) ?? 0) + Number(amount));
  const permitted = new Map(features.permittedDevices.map((device) => [device.resourceName, device]));
  const options: ChoiceOption[] = [...new Set([...permitted.keys(), ...onNodes.keys()])]
    .sort()
    .map((resource) => ({
      value: resource,
      label: resource,
      description: described(permitted.get(resource), onNodes.get(resource)),
    }));
  const unpermitted = value
    .filter(isJsonObject)
    .map((each) => wordAt(each, ['deviceName']))
    .filter((name) => name && features.known && !permitted.has(name));
  const more: PlacedProblem[] = [...new Set(unpermitted)].map((name) => ({
    path: name,
    severity: 'warning',
    message: text('devices.host.notPermitted', { name }),
  }));
  const replace = (index: number, next: JsonObject) =>
    set(value.map((each, at) => (at === index ? next : each)));
  return (
    <FormField
      id={field.id}
      label={label}
      help={options.length === 0 && features.known ? t('devices.host.nonePermitted') : help}
      role="group"
      problems={[...problems, ...more]}
      applies={applies}
    >
      {(control) => (
        <div className={styles.rows}>
          {value.map((each, index) =>
            isJsonObject(each) ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: names are typed, and stand twice on the way.
              <div key={index} className={styles.pairRow}>
                <TextInput
                  aria-label={t('devices.host.name', { number: index + 1 })}
                  value={wordAt(each, ['name'])}
                  isDisabled={isDisabled}
                  autoComplete="off"
                  onChange={(_, name) => replace(index, { ...each, name })}
                />
                {wordAt(each, ['claimName']) ? (
                  <span>{t('devices.host.claim', { claim: wordAt(each, ['claimName']) })}</span>
                ) : (
                  <Choice
                    id={`${field.id}-${index}`}
                    label={t('devices.host.device', { number: index + 1 })}
                    value={wordAt(each, ['deviceName'])}
                    allowOther
                    isDisabled={isDisabled}
                    options={options}
                    onChange={(deviceName) => replace(index, { ...each, deviceName })}
                  />
                )}
                <Button
                  variant="plain"
                  icon={<TimesIcon />}
                  aria-label={t('devices.host.remove', { name: wordAt(each, ['name']) || String(index + 1) })}
                  isDisabled={isDisabled}
                  onClick={() => set(value.filter((_, at) => at !== index))}
                />
              </div>
            ) : null,
          )}
          <Choice
            {...control}
            label={addLabel}
            placeholder={addLabel}
            value=""
            allowOther
            isDisabled={isDisabled}
            isLoading={features.isLoading}
            options={options}
            onChange={(deviceName) => deviceName && set([...value, newDevice(draft.vm, kind, deviceName)])}
          />
        </div>
      )}
    </FormField>
  );

  function described(device: PermittedDevice | undefined, count: number | undefined): string {
    return [
      device
        ? `${t(`devices.host.${device.kind}`)} ${device.selector}`.trim()
        : t('devices.host.onNodesOnly'),
      count === undefined ? '' : t('devices.host.onNodes', { count }),
    ]
      .filter(Boolean)
      .join(' · ');
  }
}

/** A resource of nodes that device plugins offer, other than those that KubeVirt itself needs. */
function isDevice(resource: string): boolean {
  return resource.includes('/') && !/^(devices\.kubevirt\.io|bridge\.network\.kubevirt\.io)\//.test(resource);
}
