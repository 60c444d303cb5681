import { describe, expect, it } from 'vitest';
import { valueAt, withValueAt } from '@/lib/k8s/json';
import {
  DEVICE_FIELDS,
  GPUS,
  HOST_DEVICES,
  newDevice,
  PANIC,
  RNG,
  SERIAL_LOG,
  SOUND,
  TABLET,
  VIDEO,
  WATCHDOG,
} from './device-fields';
import { DEVICES } from './field';
import { expectFieldsToKeep } from './testing';

const devices = (value: object) => withValueAt({}, DEVICES, value);
const inDevices = (vm: object) => valueAt(vm, DEVICES);

describe('device fields', () => {
  it('leave every VM as it is when what was read is written', () => {
    expectFieldsToKeep(DEVICE_FIELDS, [
      devices({
        watchdog: { name: 'w', diag288: {} },
        sound: { name: 's' },
        panicDevices: [{}, { model: 'isa' }],
      }),
      devices({
        inputs: [
          { name: 'k', type: 'keyboard' },
          { name: 't', type: 'tablet' },
        ],
        rng: { odd: true },
      }),
      devices({ gpus: ['odd', { name: 'a', deviceName: 'x/y', virtualGPUOptions: {} }] }),
    ]);
  });

  it('keeps the names of a watchdog and a sound card, and makes them where the API wants one', () => {
    expect(inDevices(WATCHDOG.write({}, 'reset'))).toEqual({
      watchdog: { name: 'watchdog', i6300esb: { action: 'reset' } },
    });
    const diag = devices({ watchdog: { name: 'mine', diag288: { action: 'reset' } } });
    expect(inDevices(WATCHDOG.write(diag, 'poweroff'))).toEqual({
      watchdog: { name: 'mine', diag288: { action: 'poweroff' } },
    });
    expect(inDevices(WATCHDOG.write(diag, ''))).toEqual({});
    expect(inDevices(SOUND.write({}, 'ac97'))).toEqual({ sound: { name: 'sound', model: 'ac97' } });
    expect(inDevices(SOUND.write(devices({ sound: { name: 'x' } }), ''))).toEqual({});
  });

  it('changes the tablet alone among the inputs', () => {
    const inputs = [{ name: 'k', type: 'keyboard' }];
    const both = TABLET.write(devices({ inputs }), 'virtio');
    expect(inDevices(both)).toEqual({
      inputs: [...inputs, { name: 'tablet', type: 'tablet', bus: 'virtio' }],
    });
    expect(inDevices(TABLET.write(both, ''))).toEqual({ inputs });
  });

  it('switches what is on by being there', () => {
    expect(inDevices(RNG.write(RNG.write({}, true), false))).toEqual({});
    expect(inDevices(PANIC.write(PANIC.write({}, 'isa'), ''))).toEqual({});
    expect(inDevices(PANIC.write(devices({ panicDevices: [{ model: 'isa' }] }), 'default'))).toEqual({
      panicDevices: [{}],
    });
  });

  it('names new devices and says what is wrong with them', () => {
    const vm = devices({ gpus: [{ name: 'gpu-1', deviceName: 'nvidia.com/A100' }] });
    expect(newDevice(vm, 'gpu', 'nvidia.com/A100')).toEqual({ name: 'gpu-2', deviceName: 'nvidia.com/A100' });
    const problem = (...list: object[]) => GPUS.problem?.(list, devices({ gpus: list }))?.key;
    expect(problem({ name: 'a', deviceName: 'x' })).toBeUndefined();
    expect(problem({ name: 'a', claimName: 'c' })).toBeUndefined();
    expect(problem({ deviceName: 'x' })).toBe('devices.host.noName');
    expect(problem({ name: 'A b', deviceName: 'x' })).toBe('devices.host.oddName');
    expect(problem({ name: 'a' })).toBe('devices.host.noDevice');
    const twice = devices({ gpus: [{ name: 'a' }], hostDevices: [{ name: 'a', deviceName: 'x' }] });
    expect(HOST_DEVICES.problem?.([{ name: 'a', deviceName: 'x' }], twice)?.key).toBe('devices.host.twice');
  });

  it('says what does not go together', () => {
    const dark = devices({ autoattachGraphicsDevice: false, autoattachSerialConsole: false });
    expect(VIDEO.problem?.('vga', dark)?.key).toBe('devices.video.needsGraphics');
    expect(SERIAL_LOG.problem?.('on', dark)?.key).toBe('devices.serialLog.needsConsole');
  });
});
