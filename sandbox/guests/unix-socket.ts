import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Connects to a unix socket that a program just started will open: tries again while it isn't there yet.
 * `stillWorth` is asked before each try, so that a program that died ends the waiting.
 * @throws the last error after `timeoutMs`, or an Error when it is no longer worth it.
 */
export async function connectUnix(path: string, timeoutMs: number, stillWorth = () => true): Promise<Socket> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path);
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
      });
    } catch (error) {
      if (Date.now() > deadline || !stillWorth()) throw error;
      await delay(10);
    }
  }
}
