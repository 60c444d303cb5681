import { describe, expect, it } from 'vitest';
import { sampleFacts } from './sample';
import { vmStatus } from './status';

describe('vmStatus', () => {
  it('has a tone and a word for what KubeVirt says', () => {
    expect(vmStatus(sampleFacts({}, {}), '')).toEqual({
      tone: 'success',
      text: { key: 'vm.status.Running' },
      detail: undefined,
      transitioning: false,
    });
  });

  it('shows a word that it does not know', () => {
    for (const status of ['Hibernated', 'constructor']) {
      expect(vmStatus(sampleFacts({ printableStatus: status }), '')).toMatchObject({
        tone: 'warning',
        text: { key: 'vm.status.other', values: { status } },
      });
    }
  });

  it('raises a quiet status to a warning when the cluster complains', () => {
    expect(vmStatus(sampleFacts({ printableStatus: 'Starting' }), 'network missing')).toMatchObject({
      tone: 'warning',
      detail: { values: { reason: 'network missing' } },
    });
    expect(vmStatus(sampleFacts({ printableStatus: 'ImagePullBackOff' }), 'x').tone).toBe('danger');
  });

  it.each([
    ['Running', ['Stop', 'Start'], 'vm.status.Restarting'],
    ['Stopping', ['Stop', 'Start'], 'vm.status.Restarting'],
    ['Stopping', ['Start'], 'vm.status.Restarting'],
    ['Stopped', ['Start'], 'vm.status.Starting'],
    ['Starting', ['Start'], 'vm.status.Starting'],
    ['Running', ['Stop'], 'vm.status.Stopping'],
  ] as const)('reads %s with requests %j', (printableStatus, requests, key) =>
    expect(vmStatus(sampleFacts({ printableStatus, requests: [...requests] }), '').text.key).toBe(key),
  );

  it('takes no notice of requests that KubeVirt ignores', () =>
    expect(
      vmStatus(
        sampleFacts({
          printableStatus: 'WaitingForReceiver',
          runStrategy: 'WaitAsReceiver',
          requests: ['Start'],
        }),
        '',
      ).text.key,
    ).toBe('vm.status.WaitingForReceiver'));
});
