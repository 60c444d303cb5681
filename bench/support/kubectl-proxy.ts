import { spawn } from 'node:child_process';
import { ended } from './api-process';

/** `kubectl proxy`: what people use who have no console, and what a console's proxy must not be slower than. */
export async function startKubectlProxy(
  kubeconfig: string,
): Promise<{ url: string; pid: number; stop: () => Promise<void> }> {
  const child = spawn('kubectl', ['proxy', '--port=0', '--reject-paths=^$'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      const [, address] = /Starting to serve on (\S+)/.exec(String(chunk)) ?? [];
      if (address) resolve(`http://${address}`);
    });
  });
  return { url, pid: child.pid ?? 0, stop: () => ended(child) };
}
