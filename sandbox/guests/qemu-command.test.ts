import { expect, it } from 'vitest';
import { machineArguments } from './qemu-command';

it('never lets a copy give memory back, which would damage its template', () => {
  const shape = { memoryMiB: 512, vcpus: 2, accelerator: 'tcg', kernel: '/k', initrd: '/i' } as const;
  const run = {
    id: 'x',
    directory: '/run/x',
    firmwareUuid: 'u',
    memory: { file: '/t/memory', share: false },
    incoming: true,
  };
  const line = machineArguments(shape, run).join(' ');
  expect(line).toContain('share=off');
  expect(line).not.toMatch(/free-page-reporting|free-page-hint|deflate-on-oom/);
  expect(line).toContain('-smp 2 -m 512');
});
