import { describe, expect, it } from 'vitest';
import {
  type Case,
  event,
  expectCause,
  IMAGE,
  launcher,
  node,
  POD,
  placed,
  testVm,
  testVmi,
  waiting,
} from './testing';

const CASES: Case[] = [
  [
    'no image',
    'imageMissing',
    placed({
      ...waiting(
        'volumeroot',
        'ImagePullBackOff',
        'Back-off pulling image "quay.io/disks/fedora:42": ErrImagePull: not found',
      ),
    }),
    'root',
  ],
  [
    'image behind a login',
    'imageDenied',
    placed(waiting('volumeroot', 'ErrImagePull', 'failed to authorize: 401 Unauthorized')),
  ],
  [
    'registry unknown',
    'imageUnreachable',
    placed(waiting('volumeroot', 'ErrImagePull', 'dial tcp: lookup quay.invalid: no such host')),
    'node-1',
  ],
  ['registry busy', 'imageBusy', placed(waiting('volumeroot', 'ErrImagePull', 'toomanyrequests: limit'))],
  ['image never pulled', 'imageNever', placed(waiting('volumeroot', 'ErrImageNeverPull', 'x'))],
  ['image name', 'imageName', placed(waiting('volumeroot', 'InvalidImageName', 'couldn’t parse'))],
  ['image, otherwise', 'imageFailed', placed(waiting('volumeroot', 'ErrImagePull', 'unexpected media type'))],
  [
    'secret',
    'secretMissing',
    [
      testVm(
        {},
        {},
        { volumes: [IMAGE, { name: 'seed', cloudInitNoCloud: { secretRef: { name: 'login' } } }] },
      ),
    ],
    'login',
    'seed',
  ],
  [
    'secret, told by the kubelet',
    'secretMissing',
    {
      objects: [
        testVm(),
        testVmi(
          'Scheduling',
          {},
          { volumes: [IMAGE, { name: 'seed', cloudInitNoCloud: { secretRef: { name: 'login' } } }] },
        ),
        launcher(),
        event(
          POD,
          'FailedMount',
          'MountVolume.SetUp failed for volume "seed-udata" : secret "login" not found',
        ),
      ],
      denied: ['Secret'],
    },
    'login',
  ],
  [
    'config map',
    'configMapMissing',
    [testVm({}, {}, { volumes: [IMAGE, { name: 'conf', configMap: { name: 'settings' } }] })],
    'settings',
  ],
  [
    'keys',
    'secretMissing',
    [
      testVm(
        {},
        {},
        { accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'keys' } } } }] },
      ),
    ],
    'keys',
  ],
  [
    'network',
    'networkMissing',
    [testVm({}, {}, { networks: [{ name: 'n2', multus: { networkName: 'vlans/blue' } }] })],
    'blue',
    'vlans',
    'n2',
  ],
  [
    'no multus',
    'noMultus',
    {
      objects: [testVm({}, {}, { networks: [{ name: 'n2', multus: { networkName: 'blue' } }] })],
      absent: ['NetworkAttachmentDefinition'],
    },
    'blue',
  ],
  [
    'network setup',
    'networkFailed',
    placed(
      {},
      event(
        POD,
        'FailedCreatePodSandBox',
        'rpc error: code = Unknown desc = failed to setup network: no free addresses',
      ),
    ),
    'no free addresses',
  ],
  [
    'cgroup',
    'cgroup',
    placed({}, event(POD, 'FailedCreatePodSandBox', 'OCI runtime: unable to apply cgroup configuration')),
  ],
  [
    'attach',
    'attachFailed',
    placed({}, event(POD, 'FailedAttachVolume', 'AttachVolume.Attach failed for volume "pvc-1" : rpc error')),
    'node-1',
  ],
  [
    'multi-attach',
    'volumeInUse',
    placed(
      {},
      event(
        POD,
        'FailedAttachVolume',
        'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) other',
      ),
    ),
  ],
  ['mount', 'mountFailed', placed({}, event(POD, 'FailedMount', 'MountVolume.MountDevice failed: timeout'))],
  [
    'evicted',
    'evicted',
    placed({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
    'low on resource',
  ],
  ['preempted', 'preempted', placed({ phase: 'Failed', reason: 'Preempting', message: 'Preempted' })],
  [
    'out of memory',
    'outOfMemory',
    placed({
      containerStatuses: [{ name: 'compute', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
    }),
  ],
  [
    'launcher',
    'launcherFailed',
    placed(waiting('compute', 'RunContainerError', 'exec failed')),
    'exec failed',
  ],
  [
    'node down',
    'nodeDown',
    [
      ...placed(),
      node(
        'node-1',
        {},
        {},
        {
          conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' }],
        },
      ),
    ],
    'node-1',
  ],
];

describe('diagnose, of its launcher', () => {
  it.each(CASES)('%s: %s', async (_, cause, world, ...named) => {
    await expect(expectCause(cause, world, named)).resolves.toBeUndefined();
  });
});
