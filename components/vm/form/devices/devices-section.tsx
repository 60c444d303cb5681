'use client';

import { useText } from '@/components/ui/text';
import {
  BLOCK_QUEUES,
  CLIENT_PASSTHROUGH,
  DOWNWARD_METRICS,
  GPUS,
  GRAPHICS,
  HOST_DEVICES,
  INPUT_DEVICE,
  MEM_BALLOON,
  NETWORK_QUEUES,
  PANIC,
  PANIC_MODELS,
  RNG,
  SERIAL_CONSOLE,
  SERIAL_LOG,
  SOUND,
  SOUND_MODELS,
  TABLET,
  TABLET_BUSES,
  VIDEO,
  VIDEO_TYPES,
  VSOCK,
  WATCHDOG,
  WATCHDOG_ACTIONS,
} from '@/lib/kinds/vm/form/device-fields';
import { PickRow, SwitchRow, TriRow } from '../field-rows';
import { SectionBody, SectionPart } from '../section-part';
import { useGate } from '../use-gate';
import { useVmForm } from '../vm-form';
import { HostDeviceRows } from './host-device-rows';

/** What else the guest finds in its machine beside disks and network cards. */
export function DevicesSection() {
  const t = useText();
  const { draft } = useVmForm();
  const gate = useGate();
  const { vm } = draft;
  return (
    <SectionBody>
      <SectionPart title={t('devices.host.title')}>
        <HostDeviceRows
          field={GPUS}
          kind="gpu"
          label={t('devices.gpus.label')}
          help={t('devices.gpus.help')}
          addLabel={t('devices.gpus.add')}
        />
        <HostDeviceRows
          field={HOST_DEVICES}
          kind="device"
          label={t('devices.hostDevices.label')}
          help={t('devices.hostDevices.help')}
          addLabel={t('devices.hostDevices.add')}
        />
        <SwitchRow field={CLIENT_PASSTHROUGH} label={t('devices.usb.label')} help={t('devices.usb.help')} />
      </SectionPart>
      <SectionPart title={t('devices.screen.title')}>
        <TriRow
          field={GRAPHICS}
          label={t('devices.graphics.label')}
          help={t('devices.graphics.help')}
          usual
        />
        <PickRow
          field={VIDEO}
          label={t('devices.video.label')}
          help={t('devices.video.help')}
          more={gate('VideoConfig', VIDEO.read(vm) !== '')}
          options={[
            { value: '', label: t('devices.video.default') },
            ...VIDEO_TYPES.map((value) => ({ value, label: value })),
          ]}
        />
        <PickRow
          field={TABLET}
          label={t('devices.tablet.label')}
          help={t('devices.tablet.help')}
          options={[
            { value: '', label: t('devices.none') },
            ...TABLET_BUSES.map((value) => ({ value, label: t(`devices.tablet.${value}`) })),
          ]}
        />
        <TriRow
          field={INPUT_DEVICE}
          label={t('devices.input.label')}
          help={t('devices.input.help')}
          usual={false}
        />
        <PickRow
          field={SOUND}
          label={t('devices.sound.label')}
          help={t('devices.sound.help')}
          options={[
            { value: '', label: t('devices.none') },
            ...SOUND_MODELS.map((value) => ({ value, label: t(`devices.sound.${value}`) })),
          ]}
        />
      </SectionPart>
      <SectionPart title={t('devices.watch.title')}>
        <TriRow
          field={SERIAL_CONSOLE}
          label={t('devices.serialConsole.label')}
          help={t('devices.serialConsole.help')}
          usual
        />
        <TriRow
          field={SERIAL_LOG}
          label={t('devices.serialLog.label')}
          help={t('devices.serialLog.help')}
          usual
        />
        <PickRow
          field={WATCHDOG}
          label={t('devices.watchdog.label')}
          help={t('devices.watchdog.help')}
          options={[
            { value: '', label: t('devices.none') },
            ...WATCHDOG_ACTIONS.map((value) => ({
              value,
              label: t(`devices.watchdog.${value}`),
              description: t(`devices.watchdog.${value}Note`),
            })),
          ]}
        />
        <PickRow
          field={PANIC}
          label={t('devices.panic.label')}
          help={t('devices.panic.help')}
          more={gate('PanicDevices', PANIC.read(vm) !== '')}
          options={[
            { value: '', label: t('devices.none') },
            ...PANIC_MODELS.map((value) => ({
              value,
              label: value === 'default' ? t('devices.panic.default') : value,
            })),
          ]}
        />
        <SwitchRow field={RNG} label={t('devices.rng.label')} help={t('devices.rng.help')} />
      </SectionPart>
      <SectionPart
        title={t('devices.more')}
        isFoldable
        isOpen={[MEM_BALLOON, VSOCK, BLOCK_QUEUES, NETWORK_QUEUES, DOWNWARD_METRICS].some((field) =>
          Boolean(field.read(vm)),
        )}
      >
        <TriRow
          field={MEM_BALLOON}
          label={t('devices.balloon.label')}
          help={t('devices.balloon.help')}
          usual
        />
        <TriRow
          field={VSOCK}
          label={t('devices.vsock.label')}
          help={t('devices.vsock.help')}
          more={gate('VSOCK', VSOCK.read(vm) === 'on')}
          usual={false}
        />
        <TriRow
          field={BLOCK_QUEUES}
          label={t('devices.blockQueues.label')}
          help={t('devices.blockQueues.help')}
          usual={false}
        />
        <TriRow
          field={NETWORK_QUEUES}
          label={t('devices.networkQueues.label')}
          help={t('devices.networkQueues.help')}
          usual={false}
        />
        <SwitchRow
          field={DOWNWARD_METRICS}
          label={t('devices.downwardMetrics.label')}
          help={t('devices.downwardMetrics.help')}
          more={gate('DownwardMetrics', DOWNWARD_METRICS.read(vm))}
        />
      </SectionPart>
    </SectionBody>
  );
}
