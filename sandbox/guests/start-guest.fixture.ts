// Run by the contract test as a sandbox of its own, to be killed: starts one guest, begins copies of its root disk, one
// that has taken the disk's place and one that never ends, and prints the guest's spec as it was at first and its pid.
import { nodeOf } from './block-nodes';
import { createHypervisor } from './create-hypervisor';
import { QemuGuest } from './qemu-guest';
import { makeSpec } from './testing';

const [directory = '', cacheDirectory = '', projectRoot = ''] = process.argv.slice(2);
const hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
const spec = await makeSpec(hypervisor, 9, '#cloud-config\npassword: fedora\nchpasswd: {expire: false}\n');
const guest = await hypervisor.start(spec);
const before = structuredClone(guest.spec);
if (!(guest instanceof QemuGuest)) throw new Error('this machine has no QEMU');
const copy = `${spec.disks[0]?.path}.copy`;
await guest.mirrorDisk('containerdisk', copy);
const { qmp } = guest.machine;
const target = { driver: 'file', filename: `${copy}.endless` };
await guest.copyDisk('containerdisk', target.filename);
await qmp.execute('blockdev-add', { driver: 'raw', 'node-name': 'endless', file: target });
const endless = { 'job-id': 'copy-endless', target: 'endless', sync: 'full', speed: 1 };
await qmp.execute('blockdev-mirror', { device: await nodeOf(qmp, copy), ...endless });
console.log(JSON.stringify({ spec: before, pid: guest.pid, copy }));
setInterval(() => {}, 1000);
