import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { launchConsole } from './launch';

/**
 * One console on one sandbox for all specs. With PORTLIGHT_E2E_URL and KUBECONFIG set, the specs run against that
 * console and cluster instead.
 */
export default async function startConsole(): Promise<() => Promise<void>> {
  if (process.env.PORTLIGHT_E2E_URL) return async () => undefined;
  const directory = path.resolve('.cache/e2e/sandbox');
  rmSync(directory, { recursive: true, force: true });
  const console = await launchConsole(directory);
  process.env.PORTLIGHT_E2E_URL = console.url;
  process.env.PORTLIGHT_E2E_KUBECONFIG = console.kubeconfig;
  return async () => {
    await console.stop();
    writeFileSync(path.resolve('.cache/e2e/console.log'), console.output());
  };
}
