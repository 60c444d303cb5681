import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { smallVm, VMS } from './manifests/vm';
import { Cluster } from './support/cluster';
import { logInOverSerial, terminal, typeLine } from './support/consoles';
import { type LaunchedConsole, launchConsole } from './support/launch';
import { expect, test } from './support/test';

// The browser itself notes every connection that the killed sandbox drops; that is what these tests provoke.
test.use({ expectedProblems: /Failed to load resource|WebSocket connection to .* failed/ });

/** The pid that a sandbox left in its lock file. */
function sandboxPid(directory: string): number {
  return Number(/\d+/.exec(readFileSync(path.join(directory, 'lock'), 'utf8'))?.[0]);
}

test('survives the kill of its sandbox: says so, recovers by itself, loses nothing', async ({ page }) => {
  test.setTimeout(420_000);
  const directory = path.resolve('.cache/e2e/recovery');
  rmSync(directory, { recursive: true, force: true });
  let console: LaunchedConsole | undefined;
  try {
    console = await launchConsole(directory, { PORTLIGHT_SANDBOX_EMPTY: '1' });
    const cluster = new Cluster(console.kubeconfig);
    await cluster.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'keep' },
    });
    await cluster.create(VMS('keep'), smallVm('keep', 'survivor'));
    await cluster.until(
      'it runs',
      async () => (await cluster.printableStatus('keep', 'survivor')) === 'Running',
    );
    const before = await cluster.vmi('keep', 'survivor');

    await page.goto(`${console.url}/console/sandbox/keep/survivor/serial`);
    await logInOverSerial(page, 'fedora', 'fedora');
    await typeLine(page, 'echo remember-$((40+2)) > note');
    const list = await page.context().newPage();
    await list.goto(`${console.url}/c/sandbox/vms`);
    const row = list.getByRole('row').filter({ hasText: 'survivor' });
    await expect(row).toContainText('Running');

    process.kill(sandboxPid(directory), 'SIGKILL');
    await expect(list.getByText(/Live updates paused/).first()).toBeVisible();
    // Old data stays in sight.
    await expect(row).toContainText('Running');

    await expect(list.getByText(/Live updates paused/)).toHaveCount(0, { timeout: 60_000 });
    await cluster.until('the API answers again', async () =>
      Boolean(await cluster.vm('keep', 'survivor').catch(() => undefined)),
    );
    // What was acknowledged just before the next kill must be there after it.
    await cluster.create('/api/v1/namespaces/keep/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'acknowledged' },
      data: { word: 'kept' },
    });
    process.kill(sandboxPid(directory), 'SIGKILL');
    const kept = await cluster.until('the ConfigMap is there', () =>
      cluster.get('/api/v1/namespaces/keep/configmaps/acknowledged').catch(() => undefined),
    );
    expect(kept.data).toEqual({ word: 'kept' });

    const after = await cluster.vmi('keep', 'survivor');
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    await expect(row).toContainText('Running');
    // The guest was never off: its memory still has the login and the file, and the serial console is back by itself.
    await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    await page.getByRole('textbox', { name: /^Serial console of/ }).focus();
    await typeLine(page, 'cat note');
    await expect(terminal(page)).toContainText('remember-42');
  } finally {
    await console?.stop();
  }
});

/** The processes of this machine whose command line names an id. */
function processesNaming(id: string): number[] {
  const names = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').map(Number).filter(Number.isInteger).filter(names);
}

test('leaves no guest behind when it is stopped, even right after its sandbox was killed', async () => {
  test.setTimeout(300_000);
  const directory = path.resolve('.cache/e2e/ending');
  rmSync(directory, { recursive: true, force: true });
  const console = await launchConsole(directory, { PORTLIGHT_SANDBOX_EMPTY: '1' });
  try {
    const cluster = new Cluster(console.kubeconfig);
    await cluster.create(VMS('default'), smallVm('default', 'left'));
    await cluster.until(
      'it runs',
      async () => (await cluster.printableStatus('default', 'left')) === 'Running',
    );
    const id = (await cluster.vmi('default', 'left'))?.metadata.uid ?? 'none';
    expect(processesNaming(id)).toHaveLength(1);
    process.kill(sandboxPid(directory), 'SIGKILL');
    expect(await console.stop()).toBe(0);
    expect(processesNaming(id)).toEqual([]);
  } finally {
    await console.stop();
  }
});

test('says why there is no screen where QEMU is switched off', async ({ page }) => {
  const directory = path.resolve('.cache/e2e/states-only');
  rmSync(directory, { recursive: true, force: true });
  const console = await launchConsole(directory, { PORTLIGHT_SANDBOX_GUESTS: 'off' });
  try {
    await page.goto(`${console.url}/console/sandbox/production/web-frontend/vnc`);
    await expect(page.getByText(/Guests are switched off/).first()).toBeVisible();
  } finally {
    await console.stop();
  }
});
