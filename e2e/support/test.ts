import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test as base, expect, type Page } from '@playwright/test';
import { Cluster } from './cluster';

interface Fixtures {
  /** The cluster behind the console, asked directly. */
  cluster: Cluster;
  /** A namespace of this test's own, deleted with all its content at the end. */
  namespace: string;
  /** Console errors that this test provokes on purpose; every other one fails it. */
  expectedProblems: RegExp | undefined;
  watchProblems: undefined;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from this pattern
  baseURL: async ({}, use) => use(process.env.PORTLIGHT_E2E_URL),
  // biome-ignore lint/correctness/noEmptyPattern: as above
  cluster: async ({}, use) => {
    const kubeconfig = process.env.PORTLIGHT_E2E_KUBECONFIG ?? process.env.KUBECONFIG;
    if (!kubeconfig) throw new Error('no kubeconfig for the specs');
    await use(new Cluster(kubeconfig));
  },
  namespace: async ({ cluster }, use, info) => {
    const name = `e2e-${info.workerIndex}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`;
    await cluster.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await use(name);
    await cluster.call('DELETE', `/api/v1/namespaces/${name}`);
  },
  expectedProblems: [undefined, { option: true }],
  watchProblems: [
    async ({ page, expectedProblems }, use) => {
      const problems: string[] = [];
      const note = (text: string) => {
        if (!expectedProblems?.test(text)) problems.push(text);
      };
      page.on('pageerror', (error) => note(`page error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`);
      });
      await use(undefined);
      expect(problems, 'unexpected errors in the browser console').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** What axe finds of serious or critical weight on the page as it is. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    interface Axe {
      run: (options: object) => Promise<{
        violations: { id: string; impact: string | null; help: string; nodes: { html: string }[] }[];
      }>;
    }
    const { axe } = window as unknown as { axe: Axe };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
      );
  });
}
