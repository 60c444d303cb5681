import { spawn } from 'node:child_process';
import { wallClock } from '../api/generator';

/** `kubectl get vm -A -w` as people use it; calls back with each line: `namespace/name` and when it came. */
export function watchWithKubectl(
  kubeconfig: string,
  onLine: (vm: string, came: number) => void,
): { stop: () => void } {
  // What is there already is not printed: only changes are of interest.
  const child = spawn('kubectl', ['get', 'vm', '-A', '-w', '--watch-only'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const came = wallClock();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [namespace, name] = line.split(/\s+/);
      onLine(`${namespace}/${name}`, came);
    }
  });
  return { stop: () => child.kill('SIGTERM') };
}
