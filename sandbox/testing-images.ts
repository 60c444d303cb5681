import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { TestSandbox } from './testing';

/** Host path of the image on a bound claim. */
export async function imageOfClaim(sandbox: TestSandbox, namespace: string, name: string): Promise<string> {
  const { body } = await sandbox.ask('GET', `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`);
  return path.join(sandbox.directory, 'disks', `${body.spec.volumeName}.img`);
}

/** sha256 of a file's first `bytes`, as `sha256sum` prints it. */
export async function sumOf(file: string, bytes?: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, bytes === undefined ? {} : { end: bytes - 1 }))
    hash.update(chunk);
  return hash.digest('hex');
}
