import { expect, it } from 'vitest';
import { targetArguments } from './migration-target';
import { machineArguments } from './qemu-command';

const shape = { memoryMiB: 256, vcpus: 1, accelerator: 'tcg' as const, kernel: '/k', initrd: '/i' };
const run = {
  id: 'one',
  directory: '/run/one',
  firmwareUuid: 'uuid',
  memory: { file: '/cache/a,,b/memory', share: false },
  incoming: true,
  devices: [{ add: 'device' as const, properties: { driver: 'ide-cd', drive: 'sata0' } }],
};
const places = { from: '/run/one', to: '/run/one.2', id: 'one.2', generation: 'some-guid' };

it("a guest's target is the same machine with memory, sockets and a name of its own", () => {
  const target = targetArguments(['qemu-system-x86_64', ...machineArguments(shape, run)], places);
  const alone = machineArguments(shape, {
    ...run,
    id: 'one.2',
    directory: '/run/one.2',
    memory: 'anonymous',
    devices: [],
  });
  expect(target).toEqual(alone.map((word) => word.replace('guid=auto', 'guid=some-guid')));
});

it('a process that waited for nothing gets a target that does', () => {
  const source = ['qemu-system-x86_64', '-name', 'portlight-one', '-m', '256'];
  expect(targetArguments(source, { ...places, generation: undefined })).toEqual([
    '-name',
    'portlight-one.2',
    '-m',
    '256',
    '-incoming',
    'defer',
  ]);
});
