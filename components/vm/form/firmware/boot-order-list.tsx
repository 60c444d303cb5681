'use client';

import { Button } from '@patternfly/react-core';
import { ArrowDownIcon, ArrowUpIcon, PlusIcon, TimesIcon } from '@patternfly/react-icons';
import { useRef } from 'react';
import { useText } from '@/components/ui/text';
import { mappingsAt, wordAt } from '@/lib/k8s/json';
import { type BootDevice, bootOrderField, INTERFACES } from '@/lib/kinds/vm/form/boot-order';
import { DISKS } from '@/lib/kinds/vm/form/disk-entries';
import styles from '../form.module.css';
import { FormField } from '../form-field';
import { useField, useVmForm } from '../vm-form';

/** Disks and network cards in the order in which the firmware tries them, moved by buttons. */
export function BootOrderList() {
  const t = useText();
  const { draft } = useVmForm();
  const { value: order, set, problems, applies, locked } = useField(bootOrderField);
  const list = useRef<HTMLOListElement>(null);
  const isDisabled = locked !== undefined;
  const all: BootDevice[] = [
    ...mappingsAt(draft.vm, DISKS).map((each) => ({ kind: 'disk' as const, name: wordAt(each, ['name']) })),
    ...mappingsAt(draft.vm, INTERFACES).map((each) => ({
      kind: 'interface' as const,
      name: wordAt(each, ['name']),
    })),
  ].filter(({ name }) => name !== '');
  const isSame = (one: BootDevice, other: BootDevice) => one.kind === other.kind && one.name === other.name;
  const others = all.filter((each) => !order.some((placed) => isSame(placed, each)));
  const said = (device: BootDevice) => t(`devices.order.${device.kind}`, { name: device.name });
  const move = (from: number, step: -1 | 1) => {
    const device = order[from];
    if (!device || isDisabled) return;
    set(order.toSpliced(from, 1).toSpliced(from + step, 0, device));
    // The focus goes with the device, so that the same key moves it on.
    requestAnimationFrame(() =>
      list.current
        ?.querySelectorAll('li')
        [from + step]?.querySelector<HTMLButtonElement>(
          `button[data-step="${step}"]:not(:disabled), button:not(:disabled)`,
        )
        ?.focus(),
    );
  };
  return (
    <FormField
      id={bootOrderField.id}
      label={t('devices.order.label')}
      help={t('devices.order.help')}
      role="group"
      problems={problems}
      applies={applies}
    >
      {() => (
        <div className={styles.rows}>
          {order.length === 0 && <p>{t('devices.order.none')}</p>}
          <ol ref={list} className={styles.plain} aria-label={t('devices.order.label')}>
            {order.map((device, index) => (
              <li key={`${device.kind}/${device.name}`} className={styles.cardHead}>
                <span>
                  {index + 1}. {said(device)}
                </span>
                <Button
                  variant="plain"
                  data-step="-1"
                  icon={<ArrowUpIcon />}
                  aria-label={t('devices.order.earlier', { name: device.name })}
                  isDisabled={isDisabled || index === 0}
                  onClick={() => move(index, -1)}
                />
                <Button
                  variant="plain"
                  data-step="1"
                  icon={<ArrowDownIcon />}
                  aria-label={t('devices.order.later', { name: device.name })}
                  isDisabled={isDisabled || index === order.length - 1}
                  onClick={() => move(index, 1)}
                />
                <Button
                  variant="plain"
                  icon={<TimesIcon />}
                  aria-label={t('devices.order.leaveOut', { name: device.name })}
                  isDisabled={isDisabled}
                  onClick={() => set(order.filter((each) => !isSame(each, device)))}
                />
              </li>
            ))}
          </ol>
          {others.length > 0 && (
            <div className={styles.buttons}>
              {others.map((device) => (
                <Button
                  key={`${device.kind}/${device.name}`}
                  variant="link"
                  isInline
                  icon={<PlusIcon />}
                  isDisabled={isDisabled}
                  onClick={() => set([...order, device])}
                >
                  {t('devices.order.add', { device: said(device) })}
                </Button>
              ))}
            </div>
          )}
        </div>
      )}
    </FormField>
  );
}
