import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NaiveVm } from './naive';

/** A static page of fifty rows: what no console can be quicker than in the same browser. */
export async function serveFloorPage(vms: NaiveVm[]): Promise<{ url: string; close: () => void }> {
  const cells = (vm: NaiveVm) =>
    [vm.status, vm.namespace, vm.node, vm.ips.join(' ')].map((text) => `<td>${text}</td>`).join('');
  const rows = vms
    .slice(0, 50)
    .map((vm) => `<tr><td><a href="/vms/${vm.namespace}/${vm.name}">${vm.name}</a></td>${cells(vm)}</tr>`);
  const page = `<!doctype html><title>Floor</title><table>${rows.join('')}</table>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(page) });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  };
}
