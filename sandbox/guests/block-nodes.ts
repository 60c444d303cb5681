import type { QmpClient } from './qmp';

interface BlockNode {
  'node-name': string;
  drv: string;
  file: string;
}

/** QEMU's block nodes; each image has one for its format and, below it, one for its file. */
async function blockNodes(qmp: QmpClient): Promise<BlockNode[]> {
  const answer = await qmp.execute('query-named-block-nodes', { flat: true });
  // QEMU's own words, see BlockDeviceInfo in its QAPI schema.
  return Array.isArray(answer) ? (answer as BlockNode[]) : [];
}

/** The node through which a device reads and writes the image at `path`. @throws when the machine has no such image. */
export async function nodeOf(qmp: QmpClient, path: string): Promise<string> {
  const node = (await blockNodes(qmp)).find(({ file, drv }) => file === path && drv !== 'file');
  if (!node) throw new Error(`the machine has no image ${path}`);
  return node['node-name'];
}

/** The image behind a node, by the node's name. */
export async function imageOf(qmp: QmpClient, name: string): Promise<string | undefined> {
  return (await blockNodes(qmp)).find((node) => node['node-name'] === name)?.file;
}

/** Makes the image at `path` `bytes` long and tells the guest. @throws what QEMU says. */
export async function resizeImage(qmp: QmpClient, path: string, bytes: number): Promise<void> {
  await qmp.execute('block_resize', { 'node-name': await nodeOf(qmp, path), size: bytes });
}
