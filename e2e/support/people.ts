import { type Browser, type BrowserContext, expect } from '@playwright/test';
import type { Cluster } from './cluster';
import { type LaunchedConsole, launchConsoleOn } from './launch';
import { test as base } from './test';

/** The sandbox's own people, and somebody who does not sign in. */
export type Person = 'admin' | 'dana' | 'vic' | 'nobody';

interface WorkerFixtures {
  /** A console of this worker's own, on the cluster of all specs, where people sign in with tokens. */
  signInConsole: LaunchedConsole;
}

/** For specs about people with rights of their own: `page` and relative addresses mean the console with sign-in. */
export const test = base.extend<object, WorkerFixtures>({
  signInConsole: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from this pattern
    async ({}, use) => {
      const kubeconfig = process.env.PORTLIGHT_E2E_KUBECONFIG ?? process.env.KUBECONFIG;
      if (!kubeconfig) throw new Error('no kubeconfig for the specs');
      const launched = await launchConsoleOn(kubeconfig, ['--sign-in', 'token']);
      await use(launched);
      await launched.stop();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  baseURL: async ({ signInConsole }, use) => use(signInConsole.url),
});

export { expect };

/** Signs a browser in without its form: for specs that are about something else. */
export async function signIn(
  context: BrowserContext,
  cluster: Cluster,
  url: string,
  person: Person,
): Promise<void> {
  if (person === 'nobody') return;
  const answer = await context.request.post(`${url}/auth/c/${encodeURIComponent(cluster.name)}/token`, {
    data: { token: cluster.tokenOf(person === 'admin' ? 'sandbox' : `sandbox-${person}`) },
    headers: { origin: url },
  });
  expect(answer.status()).toBe(200);
}

/** A browser of somebody's own. Close it when done. */
export async function browserOf(
  browser: Browser,
  cluster: Cluster,
  url: string,
  person: Person,
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url });
  await signIn(context, cluster, url, person);
  return context;
}
