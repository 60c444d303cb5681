import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { createWebSocketStream, WebSocket } from 'ws';
import { STEP_MS, Typist } from './guests/testing';
import type { Answer, TestSandbox } from './testing';

/** Real guests of a whole sandbox, as its users reach them. */

const run = promisify(execFile);
/** What a test with real guests may take in all. */
export const GUEST_TEST = { timeout: 4 * STEP_MS };

/** The step that `npm start` takes too; where it fails there are no guests to test. */
export const hasGuests: boolean = await run(process.execPath, ['tools/guest-packages.mjs']).then(
  () => true,
  (error: { stderr?: string }) => {
    console.warn(`Guests are not tested: ${error.stderr}`);
    return false;
  },
);

/** Gives a VM cloud-init with which its `fedora` logs in by the password `fedora`. */
export function addLogin(disks: object[], volumes: object[]): void {
  disks.push({ name: 'cloudinit', disk: { bus: 'virtio' } });
  const userData = '#cloud-config\npassword: fedora\nchpasswd: { expire: false }\n';
  volumes.push({ name: 'cloudinit', cloudInitNoCloud: { userData } });
}

/** Somebody at the serial console of a running VM; ends with the sandbox. */
export function typistAt(sandbox: TestSandbox, namespace: string, name: string): Typist {
  const where = `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}/console`;
  const socket = new WebSocket(
    sandbox.url.replace('http', 'ws') + where,
    ['plain.kubevirt.io'],
    sandbox.dialOptions,
  );
  const line = createWebSocketStream(socket);
  return new Typist({ openSerial: () => line });
}

/** Waits as long as a guest under emulation may take. */
export async function untilAnswer(
  ask: () => Promise<Answer>,
  isRight: (answer: Answer) => boolean,
  what: string,
): Promise<Answer> {
  let last: Answer | undefined;
  try {
    return await vi.waitUntil(
      async () => {
        last = await ask();
        return isRight(last) ? last : undefined;
      },
      { timeout: STEP_MS, interval: 100 },
    );
  } catch {
    throw new Error(
      `Waited in vain until ${what}; last: ${JSON.stringify(last?.body?.status ?? last?.body)?.slice(0, 6000)}`,
    );
  }
}
