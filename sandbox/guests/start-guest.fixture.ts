// Run by the contract test as a sandbox of its own, to be killed: starts one guest and prints its spec and pid.
import { createHypervisor } from './create-hypervisor';
import { makeSpec } from './testing';

const [directory = '', cacheDirectory = '', projectRoot = ''] = process.argv.slice(2);
const hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
const spec = await makeSpec(hypervisor, 9, '#cloud-config\npassword: fedora\nchpasswd: {expire: false}\n');
const guest = await hypervisor.start(spec);
console.log(JSON.stringify({ spec, pid: guest.pid }));
setInterval(() => {}, 1000);
