import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHypervisor } from './create-hypervisor';
import type { GuestSpec } from './hypervisor';
import { StateOnlyHypervisor } from './state-only-hypervisor';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'state-only-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const spec: GuestSpec = {
  id: 'a-uid',
  name: 'vm',
  memoryMiB: 512,
  vcpus: 1,
  firmwareUuid: '5d307ca9-b3ef-428c-8861-06e72d69f223',
  disks: [],
  nics: [],
  startPaused: false,
};
const REASON = 'QEMU is not installed.';

it('starts, answers for the state and refuses screens with the reason', async () => {
  const hypervisor = new StateOnlyHypervisor(directory, REASON);
  expect(hypervisor.availability()).toEqual({ available: false, reason: REASON });
  const guest = await hypervisor.start(spec);
  await guest.pause();
  await guest.resume();
  await expect(guest.screenshot()).rejects.toThrow(REASON);
  await expect(guest.openVnc()).rejects.toThrow(REASON);
  expect(() => guest.openSerial({ history: true })).toThrow(REASON);
  const exit = vi.fn();
  guest.on('exit', exit);
  expect(await guest.shutdown(30)).toMatchObject({ reason: 'shutdown' });
  expect(exit).toHaveBeenCalledOnce();
});

it('finds a running machine again after an unclean end, and none after a clean one', async () => {
  await new StateOnlyHypervisor(directory, REASON).start(spec);
  const second = new StateOnlyHypervisor(directory, REASON);
  expect(await second.adopt(spec)).toBeDefined();
  await second.close();
  expect(await new StateOnlyHypervisor(directory, REASON).adopt(spec)).toBeUndefined();
});

it('is chosen by PORTLIGHT_SANDBOX_GUESTS=off', async () => {
  vi.stubEnv('PORTLIGHT_SANDBOX_GUESTS', 'off');
  const options = { directory, cacheDirectory: directory, projectRoot: directory, log: () => {} };
  const availability = (await createHypervisor(options)).availability();
  expect(availability).toMatchObject({ available: false, reason: expect.stringContaining('switched off') });
});
