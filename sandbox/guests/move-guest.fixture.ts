// Run by the contract test as a sandbox of its own, to be killed while its guest moves: prints what it begins with.
import { createHypervisor } from './create-hypervisor';
import { movesGuests } from './migration';
import { makeSpec } from './testing';

const [directory = '', cacheDirectory = '', projectRoot = ''] = process.argv.slice(2);
const hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
const userData = '#cloud-config\npassword: fedora\nchpasswd: {expire: false}\n';
const spec = await makeSpec(hypervisor, 9, userData, { memoryMiB: 128, vcpus: 1 });
const guest = await hypervisor.start(spec);
if (!movesGuests(hypervisor)) throw new Error('there is no QEMU');
const incoming = await hypervisor.receive(guest, 'interrupted');
const move = incoming.begin({
  bandwidth: 2 ** 20,
  maxDowntimeMs: 300,
  autoConverge: false,
  postCopy: false,
  paused: () => false,
  commit: async () => {},
});
const look = setInterval(() => {
  if (move.progress.transferredBytes === 0) return;
  clearInterval(look);
  console.log(JSON.stringify({ spec, pid: guest.pid, target: incoming.spec.machine }));
}, 20);
setInterval(() => {}, 1000);
