import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { VirtctlError } from './failures';
import { CLAIMS, createClaim, runVm, VM, VMI, vmConflict } from './machines';
import type { Virtctl } from './virtctl';

const DATA_VOLUMES = '/apis/cdi.kubevirt.io/v1beta1/namespaces/{ns}/datavolumes';

const UPLOAD_TARGET = 'cdi.kubevirt.io/storage.upload.target';
const POD_READY = 'cdi.kubevirt.io/storage.pod.ready';
const POD_PHASE = 'cdi.kubevirt.io/storage.pod.phase';
const IMAGE = Buffer.alloc(3 * 2 ** 20, 'disk');

const isMissing = (error: unknown) => error instanceof VirtctlError && error.status === 404;

/** What GET finds, undefined for a 404. */
// biome-ignore lint/suspicious/noExplicitAny: objects of several kinds.
async function find(v: Virtctl, where: string): Promise<any> {
  try {
    return await v.call('GET', where);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Asks for the VM, and for the instance of that name where there is no VM. */
async function vmOrInstance(v: Virtctl, action: string, options: object): Promise<void> {
  try {
    await v.put('virtualmachines', 'vm', action, options);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await v.put('virtualmachineinstances', 'vm', action, options);
  }
}

/** `addvolume vm --volume-name=NAME`: a data volume of that name, else a claim. */
async function addVolume(v: Virtctl, name: string): Promise<void> {
  const source = { name, hotpluggable: true };
  const dataVolume = await find(v, `${DATA_VOLUMES}/${name}`);
  if (!dataVolume) await v.call('GET', `${CLAIMS}/${name}`);
  const volumeSource = dataVolume
    ? { dataVolume: source }
    : { persistentVolumeClaim: { claimName: name, hotpluggable: true } };
  await vmOrInstance(v, 'addvolume', {
    name,
    disk: { disk: { bus: 'scsi' }, serial: name },
    volumeSource,
  });
}

const removeVolume = (v: Virtctl, name: string) => vmOrInstance(v, 'removevolume', { name });

const isReady =
  (wanted: string) =>
  ({ status }: { status: { volumeStatus?: { name: string; phase?: string }[] } }) =>
    status.volumeStatus?.some(({ name, phase }) => name === wanted && phase === 'Ready');

async function createDataVolume(v: Virtctl, name: string, source: object): Promise<void> {
  await v.call('POST', DATA_VOLUMES, {
    body: {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name, annotations: { 'cdi.kubevirt.io/storage.bind.immediate.requested': '' } },
      spec: { source, storage: { resources: { requests: { storage: '64Mi' } } } },
    },
  });
}

/** `memory-dump get vm --claim-name=dump --create-claim` */
async function dumpIntoNew(v: Virtctl, name: string): Promise<void> {
  const { spec } = await v.call('GET', VMI);
  assert.ok(spec.domain);
  const { status } = await v.call('GET', '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config');
  assert.ok(status.filesystemOverhead.global);
  assert.equal(await find(v, `${CLAIMS}/${name}`), undefined);
  await createClaim(v, name, { resources: { requests: { storage: '512Mi' } } });
  await v.put('virtualmachines', 'vm', 'memorydump', { claimName: name, phase: '' });
}

export const storage: Chapter<Virtctl> = {
  title: 'Disks and memory',
  operations: [
    {
      name: 'addvolume, removevolume of a PersistentVolumeClaim',
      async run(v) {
        await runVm(v);
        await createClaim(v, 'extra', { volumeMode: 'Block' });
        await addVolume(v, 'extra');
        const vmi = await v.until(VMI, isReady('extra'));
        const disk = vmi.spec.domain.devices.disks.find(({ name }: { name: string }) => name === 'extra');
        assert.equal(disk.serial, 'extra');
        const again = 'Unable to add volume [extra] because volume with that name already exists';
        assert.equal(await v.refused(addVolume(v, 'extra')), vmConflict(again));
        await removeVolume(v, 'extra');
        await v.until(VMI, ({ spec }) => spec.volumes.length === 1);
        assert.equal((await v.see(VM)).spec.template.spec.volumes.length, 1);
      },
    },
    {
      name: 'addvolume of a DataVolume',
      async run(v) {
        await runVm(v);
        await createDataVolume(v, 'blank', { blank: {} });
        await v.until(`${DATA_VOLUMES}/blank`, ({ status }) => status?.phase === 'Succeeded');
        await addVolume(v, 'blank');
        const { spec } = await v.until(VMI, isReady('blank'));
        assert.deepEqual(spec.volumes.at(-1), {
          name: 'blank',
          dataVolume: { name: 'blank', hotpluggable: true },
        });
      },
    },
    {
      name: 'addvolume, removevolume that cannot be',
      async run(v) {
        await runVm(v);
        const none = 'persistentvolumeclaims "nothing" not found';
        assert.equal(await v.refused(addVolume(v, 'nothing')), none);
        const absent = 'Unable to remove volume [nothing] because it does not exist';
        assert.equal(await v.refused(removeVolume(v, 'nothing')), vmConflict(absent));
        const fixed = 'Unable to remove volume [root] because it is not hotpluggable';
        assert.equal(await v.refused(removeVolume(v, 'root')), vmConflict(fixed));
      },
    },
    {
      name: 'memory-dump get --create-claim, memory-dump remove',
      async run(v) {
        await runVm(v);
        await dumpIntoNew(v, 'dump');
        const { status } = await v.until(VM, (vm) => vm.status.memoryDumpRequest?.phase === 'Completed');
        assert.equal(status.memoryDumpRequest.claimName, 'dump');
        await v.put('virtualmachines', 'vm', 'removememorydump');
        await v.until(VM, (vm) => !vm.status.memoryDumpRequest);
        const why = "can't remove memory dump association for vm vm, no association found";
        const again = v.put('virtualmachines', 'vm', 'removememorydump');
        assert.equal(await v.refused(again), vmConflict(why));
      },
    },
    {
      name: 'memory-dump get of a claim that is not there',
      async run(v) {
        await runVm(v);
        assert.equal(
          await v.refused(v.put('virtualmachines', 'vm', 'memorydump', { claimName: 'dump', phase: '' })),
          'persistentvolumeclaim.kubevirt.io "dump" not found',
        );
      },
    },
    {
      name: 'image-upload dv',
      async run(v) {
        assert.equal(await find(v, `${CLAIMS}/inbox`), undefined);
        await createDataVolume(v, 'inbox', { upload: {} });
        await v.until(`${DATA_VOLUMES}/inbox`, ({ status }) => status?.phase === 'UploadReady');
        await upload(v, 'inbox');
        const { status } = await v.until(`${DATA_VOLUMES}/inbox`, (dv) => dv.status.phase === 'Succeeded');
        assert.equal(status.progress, '100.0%');
      },
    },
    {
      name: 'image-upload pvc',
      async run(v) {
        await createClaim(v, 'inbox', { volumeMode: 'Block' }, { [UPLOAD_TARGET]: '' });
        await v.until(`${CLAIMS}/inbox`, ({ metadata }) => metadata.annotations[POD_READY] === 'true');
        await upload(v, 'inbox');
        const again = await v.send(`${await uploadProxy(v)}/v1beta1/upload`, {
          method: 'POST',
          token: await uploadToken(v, 'inbox'),
          image: IMAGE,
        });
        const why = 'rejecting Upload Request for PVC inbox that already finished uploading';
        assert.deepEqual(again, { status: 503, text: why });
      },
    },
  ],
};

async function uploadProxy(v: Virtctl): Promise<string> {
  const { status } = await v.call('GET', '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config');
  return status.uploadProxyURL;
}

/** From the token to the end, as both kinds of image-upload go on once the server is ready. */
async function upload(v: Virtctl, name: string): Promise<void> {
  const url = `${await uploadProxy(v)}/v1beta1/upload-async`;
  const token = await uploadToken(v, name);
  assert.equal((await v.send(url, { method: 'HEAD', token })).status, 200);
  assert.deepEqual(await v.send(url, { method: 'POST', token, image: IMAGE }), { status: 200, text: '' });
  await v.until(`${CLAIMS}/${name}`, ({ metadata }) => metadata.annotations[POD_PHASE] === 'Succeeded');
}

async function uploadToken(v: Virtctl, pvcName: string): Promise<string> {
  const { status } = await v.call(
    'POST',
    '/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/{ns}/uploadtokenrequests',
    {
      body: {
        apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
        kind: 'UploadTokenRequest',
        metadata: { name: 'token-for-virtctl' },
        spec: { pvcName },
      },
    },
  );
  return status.token;
}
