import { describe, expect, it } from 'vitest';
import { Discovery } from './discovery';
import { ApiError } from './error';
import type { ApiReply } from './request';

const ANSWERS: Record<string, unknown> = {
  '/apis/kubevirt.io/v1': {
    resources: [
      { name: 'virtualmachines', kind: 'VirtualMachine', namespaced: true },
      { name: 'virtualmachines/status', kind: 'VirtualMachine', namespaced: true },
      { name: 'virtualmachineinstances', kind: 'VirtualMachineInstance', namespaced: true },
    ],
  },
  '/apis': {
    groups: [
      { name: 'kubevirt.io', versions: [{ version: 'v1' }, { version: 'v1alpha3' }] },
      { name: 'broken', versions: [{ version: 'v1' }] },
    ],
  },
  '/api/v1': { resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false }] },
};

function discovery() {
  const asked: string[] = [];
  const clock = { now: 0 };
  async function call<T>(_cluster: string, path: string): Promise<ApiReply<T>> {
    asked.push(path);
    if (path.includes('broken'))
      throw new ApiError(503, 'ServiceUnavailable', 'down', { method: 'GET', path });
    const body = ANSWERS[path];
    if (!body) throw new ApiError(404, 'NotFound', 'not found', { method: 'GET', path });
    return { body: body as T, warnings: [] };
  }
  return { asked, clock, discovery: new Discovery('c', call, () => clock.now) };
}

describe('Discovery', () => {
  it('finds the resource of a kind', async () => {
    const answer = await discovery().discovery.find('kubevirt.io/v1', 'VirtualMachine');
    expect(answer).toMatchObject({ found: true, resource: { plural: 'virtualmachines', namespaced: true } });
  });

  it('finds kinds of the core group', async () => {
    const answer = await discovery().discovery.find('v1', 'Namespace');
    expect(answer).toMatchObject({ found: true, resource: { group: '', version: 'v1', namespaced: false } });
  });

  it('offers kinds that are spelt almost so', async () => {
    const answer = await discovery().discovery.find('kubevirt.io/v1', 'virtualmachine');
    expect(answer).toEqual({ found: false, missing: 'kind', similar: ['VirtualMachine'] });
  });

  it('names the versions that are served', async () => {
    const answer = await discovery().discovery.find('kubevirt.io/v1beta9', 'VirtualMachine');
    expect(answer).toEqual({
      found: false,
      missing: 'version',
      versions: ['kubevirt.io/v1', 'kubevirt.io/v1alpha3'],
    });
  });

  it('knows a group that is not installed', async () => {
    expect(await discovery().discovery.find('example.com/v1', 'Thing')).toEqual({
      found: false,
      missing: 'group',
    });
  });

  it('asks once for many and again after a minute', async () => {
    const { asked, clock, discovery: subject } = discovery();
    await Promise.all([
      subject.find('kubevirt.io/v1', 'VirtualMachine'),
      subject.find('kubevirt.io/v1', 'VirtualMachineInstance'),
    ]);
    expect(asked).toEqual(['/apis', '/apis/kubevirt.io/v1']);
    clock.now = 61_000;
    await subject.find('kubevirt.io/v1', 'VirtualMachine');
    expect(asked).toHaveLength(4);
  });

  it('does not remember a failure', async () => {
    const { asked, discovery: subject } = discovery();
    await expect(subject.find('broken/v1', 'A')).rejects.toThrow('down');
    await expect(subject.find('broken/v1', 'A')).rejects.toThrow('down');
    expect(asked).toEqual(['/apis', '/apis/broken/v1', '/apis/broken/v1']);
  });

  it('looks again for a group that was missing', async () => {
    const { asked, clock, discovery: subject } = discovery();
    await subject.find('example.com/v1', 'Thing');
    clock.now = 5_000;
    await subject.find('example.com/v1', 'Thing');
    expect(asked).toEqual(['/apis', '/apis']);
  });

  it('asks nothing of a group that is not there', async () => {
    const { asked, discovery: subject } = discovery();
    await subject.find('example.com/v1', 'Thing');
    expect(asked).toEqual(['/apis']);
  });
});
