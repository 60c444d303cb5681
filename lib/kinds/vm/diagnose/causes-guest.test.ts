import { describe, expect, it } from 'vitest';
import { agent, type Case, expectCause, IMAGE, launcher, running, seed, testVm, testVmi } from './testing';

const CASES: Case[] = [
  [
    'boots an empty disk',
    'bootDiskEmpty',
    running(
      {},
      {
        domain: {
          devices: {
            disks: [
              { name: 'root', disk: {} },
              { name: 'data', disk: {}, bootOrder: 1 },
            ],
          },
        },
        volumes: [IMAGE, { name: 'data', emptyDisk: { capacity: '1Gi' } }],
      },
    ),
    'data',
    'root',
  ],
  [
    'firmware',
    'nothingToBoot',
    { objects: running(), serial: 'SeaBIOS\nBoot failed: not a bootable disk\nNo bootable device.\n' },
  ],
  [
    'boot loader',
    'bootLoader',
    { objects: running(), serial: 'error: no such device: 1234.\ngrub rescue> ' },
  ],
  [
    'kernel',
    'kernelPanic',
    { objects: running(), serial: '[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs\n' },
    'VFS',
  ],
  [
    'emergency',
    'emergencyMode',
    { objects: running(), serial: 'You are in emergency mode. After logging in, …\n' },
  ],
  ['cloud-init header', 'cloudInitInvalid', running(agent, seed('password: x\n')), 'seed', 'password: x'],
  [
    'cloud-init YAML',
    'cloudInitInvalid',
    running(agent, seed('#cloud-config\nusers:\n  - name: [\n')),
    'yaml',
  ],
  ['cloud-init list', 'cloudInitInvalid', running(agent, seed('#cloud-config\n- a\n')), 'shape'],
  [
    'cloud-init in the guest',
    'cloudInitFailed',
    {
      objects: running(agent),
      serial: 'cloud-init[512]: util.py[WARNING]: Failed loading yaml blob. Invalid format\nweb login: ',
    },
    'Failed loading yaml blob',
  ],
  [
    'keys not set',
    'credentialsNotSet',
    running({
      conditions: [
        ...agent.conditions,
        { type: 'AccessCredentialsSynchronized', status: 'False', message: 'agent refused' },
      ],
    }),
    'agent refused',
  ],
  [
    'sync',
    'syncFailed',
    [
      testVm(),
      testVmi('Scheduled', {
        conditions: [
          {
            type: 'Synchronized',
            status: 'False',
            reason: 'Synchronizing with the Domain failed.',
            message: 'no such machine type',
          },
        ],
      }),
    ],
    'no such machine type',
  ],
  ['agent', 'ready', running(agent)],
  [
    'login prompt',
    'readyNoAgent',
    { objects: running(), serial: 'Debian GNU/Linux 12 web ttyS0\n\nweb login: ' },
  ],
  ['still booting', 'booting', { objects: running(), serial: 'Booting…' }],
  ['coming', 'coming', [testVm(), testVmi('Scheduling'), launcher()], 'launcher'],
];

describe('diagnose, of its guest', () => {
  it.each(CASES)('%s: %s', async (_, cause, world, ...named) => {
    await expect(expectCause(cause, world, named)).resolves.toBeUndefined();
  });
});
