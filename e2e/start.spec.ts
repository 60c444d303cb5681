import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './support/launch';
import { expect, test } from './support/test';

/** Runs `npm start`'s script to its end, or until `until` shows in its output; then stops it. */
function start(args: string[], until?: RegExp): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['tools/start.mjs', ...args], {
      env: { ...process.env, KUBECONFIG: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (until?.test(output)) child.kill('SIGTERM');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => resolve({ code, output }));
  });
}

function unreachableKubeconfig(port: number): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'portlight-')), 'kubeconfig');
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'far-away',
      clusters: [{ name: 'far-away', cluster: { server: `https://127.0.0.1:${port}` } }],
      users: [{ name: 'somebody', user: { token: 'not-a-secret' } }],
      contexts: [{ name: 'far-away', context: { cluster: 'far-away', user: 'somebody' } }],
    }),
  );
  return file;
}

test('says that the port is taken, and ends with 1', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
  });
  const { code, output } = await start([
    '--kubeconfig',
    unreachableKubeconfig(await freePort()),
    '--port',
    String(port),
  ]);
  taken.close();
  expect(output).toMatch(new RegExp(`port ${port} is taken`, 'i'));
  expect(code).toBe(1);
});

test('says which kubeconfig it cannot read, and ends with 1', async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'portlight-')), 'broken');
  writeFileSync(file, 'clusters: [oh: dear');
  const { code, output } = await start(['--kubeconfig', file, '--port', String(await freePort())]);
  expect(output).toContain(file);
  expect(code).toBe(1);
});

test('says that a kubeconfig does not exist, and ends with 1', async () => {
  const { code, output } = await start(['--kubeconfig', '/nowhere/kubeconfig']);
  expect(output).toContain('/nowhere/kubeconfig');
  expect(code).toBe(1);
});

test('refuses to lend a kubeconfig to other machines, and says what would', async () => {
  const kubeconfig = unreachableKubeconfig(await freePort());
  const { code, output } = await start(['--kubeconfig', kubeconfig, '--host', '0.0.0.0', '--port', '0']);
  expect(output).toMatch(/0\.0\.0\.0 can be reached from other machines, and nobody signs in to far-away/);
  expect(output).toContain('--allow-remote');
  expect(output).not.toContain('token=');
  expect(code).toBe(1);
});

test.describe('beyond this machine', () => {
  test.use({ expectedProblems: /401|WebSocket/ });

  test('opens with the link that it printed, in every tab, and says so without it', async ({
    page,
    context,
  }) => {
    const port = await freePort();
    const kubeconfig = unreachableKubeconfig(await freePort());
    const args = ['--kubeconfig', kubeconfig, '--host', '0.0.0.0', '--allow-remote', '--port', String(port)];
    const child = spawn(process.execPath, ['tools/start.mjs', ...args], {
      env: { ...process.env, KUBECONFIG: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const link = /http:\/\/\d+\.\d+\.\d+\.\d+:\d+(\/start\?token=([\w-]{43}))/;
    try {
      await expect.poll(() => output, { timeout: 60_000 }).toMatch(link);
      const [, path = '', token = ''] = link.exec(output) ?? [];
      expect(output).toContain('travels unencrypted');
      const url = `http://127.0.0.1:${port}`;
      await page.goto(`${url}/c/far-away/vms`);
      await expect(page.getByRole('heading', { name: 'Open Portlight with its link' })).toBeVisible();
      await page.goto(`${url}/start?token=wrong`);
      await expect(page.getByText('not the link of the console that runs now')).toBeVisible();
      await page.goto(url + path);
      await expect(page).toHaveURL(`${url}/c/far-away`);
      await expect(page.getByText('far-away does not answer.').first()).toBeVisible();
      const second = await context.newPage();
      await second.goto(`${url}/c/far-away/vms`);
      await expect(second.getByText(/reconnecting/i).first()).toBeVisible();
      expect(await second.evaluate(() => document.cookie)).not.toContain('start');
      expect(output.split(token)).toHaveLength(2);
    } finally {
      child.kill('SIGTERM');
      await new Promise((resolve) =>
        child.exitCode === null ? child.on('exit', resolve) : resolve(undefined),
      );
    }
  });
});

test('serves without its cluster, and the page says what it cannot reach', async ({ page }) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    ['tools/start.mjs', '--kubeconfig', unreachableKubeconfig(await freePort()), '--port', String(port)],
    { env: { ...process.env, KUBECONFIG: '' }, stdio: 'ignore' },
  );
  try {
    await expect
      .poll(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status, { timeout: 60_000 })
      .toBe(200);
    await page.goto(url);
    await expect(page).toHaveURL(/\/c\/far-away$/);
    await expect(page.getByText('far-away does not answer.').first()).toBeVisible();
    await expect(page.getByText(/reconnecting/i).first()).toBeVisible();
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) =>
      child.exitCode === null ? child.on('exit', resolve) : resolve(undefined),
    );
  }
  expect(child.exitCode).toBe(0);
});
