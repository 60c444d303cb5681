import { describe, expect, it } from 'vitest';
import { agent, ago, type Case, event, expectCause, made, running, testVm, testVmi } from './testing';

const CASES: Case[] = [
  ['nobody started it', 'stopped', [testVm({ runStrategy: 'Halted' }, { printableStatus: 'Stopped' })]],
  [
    'shut down from inside',
    'guestShutDown',
    [testVm({ runStrategy: 'RerunOnFailure' }, { printableStatus: 'Stopped' })],
    'RerunOnFailure',
  ],
  [
    'over, and only once',
    'guestShutDown',
    [testVm({ runStrategy: 'Once' }, { printableStatus: 'Stopped' }), testVmi('Succeeded')],
    'Once',
  ],
  [
    'crashed by hand',
    'guestCrashed',
    [testVm({ runStrategy: 'Manual' }, { printableStatus: 'Stopped' }), testVmi('Failed')],
    'Manual',
  ],
  [
    'for another cluster',
    'waitsToReceive',
    [
      testVm({ runStrategy: 'WaitAsReceiver' }, { printableStatus: 'WaitingForReceiver' }),
      testVmi('WaitingForSync'),
    ],
  ],
  ['paused', 'paused', running({ conditions: [{ type: 'Paused', status: 'True', reason: 'PausedByUser' }] })],
  [
    'paused by a full disk',
    'pausedByDisk',
    running({ conditions: [{ type: 'Paused', status: 'True', reason: 'PausedIOError' }] }),
  ],
  [
    'going',
    'deleting',
    [
      testVm(
        {},
        {},
        {},
        { deletionTimestamp: ago(5), finalizers: ['kubevirt.io/virtualMachineControllerFinalize'] },
      ),
    ],
  ],
  [
    'kept',
    'deletionHeld',
    [testVm({}, {}, {}, { deletionTimestamp: ago(5), finalizers: ['backup.example.com/hold'] })],
    'backup.example.com/hold',
  ],
  [
    'going for long',
    'deletionSlow',
    [testVm({}, {}, {}, { deletionTimestamp: ago(900), finalizers: ['kubevirt.io/x'] }), testVmi('Running')],
  ],
  [
    'KubeVirt is down',
    'kubevirtDown',
    [
      testVm({}, { printableStatus: '' }),
      made('KubeVirt', 'kubevirt', {
        status: { conditions: [{ type: 'Available', status: 'False', message: 'gone' }] },
      }),
    ],
  ],
  ['KubeVirt does not look', 'kubevirtSilent', [testVm({}, { printableStatus: '' })]],
  [
    'no instance type',
    'instancetypeMissing',
    [
      testVm(
        { instancetype: { name: 'huge' } },
        {
          printableStatus: 'Stopped',
          conditions: [
            { type: 'Failure', status: 'True', reason: 'FailedFindInstancetype', message: 'not found' },
          ],
        },
      ),
    ],
    'huge',
  ],
  [
    'no instance type, before KubeVirt says so',
    'instancetypeMissing',
    [testVm({ instancetype: { name: 'huge' } }, { printableStatus: 'Stopped' })],
    'huge',
  ],
  [
    'no preference',
    'preferenceMissing',
    [
      testVm(
        { preference: { name: 'beos', kind: 'VirtualMachinePreference' } },
        { printableStatus: 'Stopped' },
      ),
    ],
    'beos',
  ],
  [
    'refused',
    'creationRefused',
    [
      testVm(
        {},
        {
          printableStatus: 'Stopped',
          conditions: [
            { type: 'Failure', status: 'True', reason: 'FailedCreate', message: 'Invalid value: x' },
          ],
        },
      ),
    ],
    'Invalid value: x',
  ],
  [
    'crash loop',
    'crashLoop',
    [
      testVm(
        {},
        {
          printableStatus: 'CrashLoopBackOff',
          startFailure: { consecutiveFailCount: 3, retryAfterTimestamp: ago(-40) },
        },
      ),
      event('web', 'SyncFailed', 'no such firmware'),
    ],
    3,
    40,
    'no such firmware',
  ],
  [
    'crashes after its start',
    'keepsCrashing',
    [...running(), event('web', 'Stopped', 'The VirtualMachineInstance crashed.', 'Warning', { count: 4 })],
    4,
  ],
  [
    'volume migration',
    'recoveryRequired',
    [
      testVm(
        {},
        { printableStatus: 'Stopped', conditions: [{ type: 'ManualRecoveryRequired', status: 'True' }] },
      ),
    ],
  ],
  [
    'migration stuck',
    'migrationStuck',
    [
      ...running(agent),
      made(
        'VirtualMachineInstanceMigration',
        'm',
        { status: { phase: 'Scheduling' } },
        { labels: { 'kubevirt.io/vmi-name': 'web' }, creationTimestamp: ago(1200) },
      ),
    ],
    'Scheduling',
    20,
  ],
];

describe('diagnose, of the machine itself', () => {
  it.each(CASES)('%s: %s', async (_, cause, world, ...named) => {
    await expect(expectCause(cause, world, named)).resolves.toBeUndefined();
  });
});
