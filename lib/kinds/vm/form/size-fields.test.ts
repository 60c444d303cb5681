import { describe, expect, it } from 'vitest';
import { withValueAt } from '@/lib/k8s/json';
import { DOMAIN } from './field';
import {
  DEDICATED,
  IO_THREADS_COUNT,
  ISOLATE_EMULATOR,
  MAX_GUEST,
  MAX_SOCKETS,
  MEMORY_GUEST,
  NUMA,
  ownSize,
  REQUEST_CPU,
  REQUEST_MEMORY,
  SIZE_FIELDS,
  THREADS,
  topologyOf,
  VCPUS,
} from './size-fields';
import { expectFieldsToKeep } from './testing';

const withCpu = (cpu: object) => withValueAt({}, [...DOMAIN, 'cpu'], cpu);
const domain = (value: object) => withValueAt({}, [...DOMAIN], value);

describe('size fields', () => {
  it('leave every VM as it is when what was read is written', () => {
    expectFieldsToKeep(SIZE_FIELDS, [
      withCpu({ sockets: 2, cores: 3, threads: 1 }),
      withCpu({ cores: '2' }),
      domain({ memory: { guest: 1073741824 }, resources: { requests: { cpu: 2, memory: '1Gi' } } }),
    ]);
  });

  it.each([
    [{}, 4, { sockets: 4 }],
    [{ sockets: 2 }, 4, { sockets: 4 }],
    [{ cores: 1 }, 4, { sockets: 4, cores: 1 }],
    [{ cores: 2 }, 4, { sockets: 2, cores: 2 }],
    [{ cores: 2 }, 3, { cores: 3 }],
    [{ sockets: 1, cores: 4, threads: 1 }, 2, { sockets: 1, cores: 2, threads: 1 }],
    [{ sockets: 2, cores: 2, threads: 2 }, 6, { sockets: 6 }],
    [{ cores: 2, model: 'host-model' }, undefined, { model: 'host-model' }],
  ])('makes of %o with %s vCPUs %o', (before, vcpus, after) => {
    const vm = VCPUS.write(withCpu(before), vcpus);
    expect(vm).toEqual(withCpu(after));
    expect(VCPUS.read(vm)).toBe(vcpus);
    expect(topologyOf(vm)).toMatchObject({});
  });

  it('wants memory from somewhere', () => {
    expect(MEMORY_GUEST.problem?.('', {})?.key).toBe('compute.memory.missing');
    expect(
      MEMORY_GUEST.problem?.('', domain({ resources: { requests: { memory: '1Gi' } } })),
    ).toBeUndefined();
    expect(MEMORY_GUEST.problem?.('', { spec: { instancetype: { name: 'u1.small' } } })).toBeUndefined();
    expect(MEMORY_GUEST.problem?.('2 GB', {})?.key).toBe('compute.problem.notAmount');
    expect(MEMORY_GUEST.problem?.('2Gi', domain({ resources: { limits: { memory: '1Gi' } } }))?.key).toBe(
      'compute.memory.aboveLimit',
    );
    expect(MEMORY_GUEST.warning?.('2', {})?.key).toBe('compute.memory.tiny');
  });

  it('wants whole huge pages', () => {
    const huge = domain({ memory: { hugepages: { pageSize: '1Gi' } } });
    expect(MEMORY_GUEST.problem?.('1536Mi', huge)?.key).toBe('compute.hugepages.multiple');
    expect(MEMORY_GUEST.problem?.('2Gi', huge)).toBeUndefined();
    expect(REQUEST_MEMORY.problem?.('1536Mi', huge)?.key).toBe('compute.hugepages.multiple');
  });

  it('says what pinned CPUs need', () => {
    const pinned = withCpu({ sockets: 2, dedicatedCpuPlacement: true });
    expect(REQUEST_CPU.problem?.('1500m', pinned)?.key).toBe('compute.dedicated.whole');
    expect(REQUEST_CPU.problem?.('3', pinned)?.key).toBe('compute.dedicated.equal');
    expect(REQUEST_CPU.problem?.('2', pinned)).toBeUndefined();
    expect(THREADS.problem?.(3, pinned)?.key).toBe('compute.dedicated.threads');
    expect(DEDICATED.problem?.(true, {})?.key).toBe('compute.dedicated.noCpus');
    expect(DEDICATED.problem?.(true, pinned)).toBeUndefined();
    expect(ISOLATE_EMULATOR.problem?.(true, {})?.key).toBe('compute.isolate.needsDedicated');
    expect(NUMA.problem?.(true, pinned)?.key).toBe('compute.numa.needsHugepages');
    const unequal = domain({
      cpu: { sockets: 1, dedicatedCpuPlacement: true },
      resources: { limits: { memory: '2Gi' } },
    });
    expect(REQUEST_MEMORY.problem?.('1Gi', unequal)?.key).toBe('compute.dedicated.memory');
  });

  it('keeps the room to grow above the size', () => {
    expect(MAX_SOCKETS.problem?.(2, withCpu({ sockets: 4 }))?.key).toBe('compute.maxSockets.less');
    const guest = domain({ memory: { guest: '2Gi' } });
    expect(MAX_GUEST.problem?.('1Gi', guest)?.key).toBe('compute.maxMemory.less');
    expect(MAX_GUEST.problem?.('3000000000', guest)?.key).toBe('compute.maxMemory.blocks');
    expect(MAX_GUEST.problem?.('4Gi', {})?.key).toBe('compute.maxMemory.noGuest');
    expect(MAX_GUEST.problem?.('4Gi', guest)).toBeUndefined();
  });

  it('turns NUMA on and off without a trace', () => {
    const on = NUMA.write(withCpu({ sockets: 2 }), true);
    expect(on).toEqual(withCpu({ sockets: 2, numa: { guestMappingPassthrough: {} } }));
    expect(NUMA.write(on, false)).toEqual(withCpu({ sockets: 2 }));
  });

  it('asks for a count of IO threads where the policy needs one', () => {
    const pool = domain({ ioThreadsPolicy: 'supplementalPool' });
    expect(IO_THREADS_COUNT.problem?.(undefined, pool)?.key).toBe('compute.ioThreads.count');
    expect(IO_THREADS_COUNT.problem?.(4, pool)).toBeUndefined();
  });

  it('reads the size of VMs that only ask for resources', () => {
    expect(ownSize(domain({ resources: { requests: { cpu: '1500m', memory: '1Gi' } } }))).toEqual({
      vcpus: 2,
      memory: '1Gi',
    });
    expect(ownSize({})).toEqual({ vcpus: undefined, memory: '' });
  });
});
