import type { Page } from '@playwright/test';
import { paths, VM_TABS } from '../lib/paths';
import type { Cluster } from './support/cluster';
import { expect, type Person, signIn, test } from './support/people';

const PEOPLE: Person[] = ['admin', 'dana', 'vic', 'nobody'];
// dana edits the first and vic looks at it; nobody but the administrator may see anything of the second.
const OPEN = 'dev';
const CLOSED = 'kubevirt';

/** A page, and the call whose refusal is what it shows instead of its content. */
interface PageCase {
  path: string;
  asks?: string;
  /** What the page shows to those who may: a heading's text. */
  heading: RegExp;
}

function pagesOf(cluster: string, name: string): PageCase[] {
  const vms = (namespace: string) => `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
  return [
    { path: paths.createVm(cluster), heading: /^Create virtual machine/ },
    { path: paths.createYaml(cluster), heading: /^Create from YAML/ },
    { path: paths.access(cluster), heading: /^What may I do\?$/ },
    { path: paths.vms(cluster, { ns: OPEN }), asks: vms(OPEN), heading: /^Virtual machines/ },
    ...[OPEN, CLOSED].flatMap((namespace) =>
      VM_TABS.map((tab) => ({
        path: paths.vm({ cluster, namespace, name }, tab),
        asks: `${vms(namespace)}?fieldSelector=metadata.name%3D${name}`,
        heading: new RegExp(`^${name}$`),
      })),
    ),
  ];
}

for (const person of PEOPLE) {
  test.describe(person, () => {
    test.use({ expectedProblems: /40[13]/ });

    test(`every page shows ${person} what the cluster gives them, or its refusal`, async ({
      page,
      context,
      cluster,
      signInConsole,
    }) => {
      const name = `matrix-${person}`;
      await cluster.call('POST', `/apis/kubevirt.io/v1/namespaces/${OPEN}/virtualmachines`, halted(name));
      await cluster.call('POST', `/apis/kubevirt.io/v1/namespaces/${CLOSED}/virtualmachines`, halted(name));
      await signIn(context, cluster, signInConsole.url, person);
      for (const each of pagesOf(cluster.name, name)) {
        await test.step(each.path, () => look(page, cluster, person, each));
      }
      for (const namespace of [OPEN, CLOSED]) {
        await cluster.call('DELETE', `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${name}`);
      }
    });
  });
}

async function look(page: Page, cluster: Cluster, person: Person, { path, asks, heading }: PageCase) {
  await page.goto(path);
  if (person === 'nobody') {
    await expect(page.getByRole('heading', { name: `Sign in to ${cluster.name}` })).toBeVisible();
    expect(new URL(page.url()).searchParams.get('return')).toBe(path);
    return;
  }
  const refusal = asks ? await refusalOf(cluster, person, asks) : undefined;
  if (refusal) await expect(page.getByText(refusal, { exact: false }).first()).toBeVisible();
  else {
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page.getByText(/ is forbidden: User /)).toHaveCount(0);
  }
}

/** The API's own words to this person, or undefined where it lets them. */
async function refusalOf(cluster: Cluster, person: Person, path: string): Promise<string | undefined> {
  const token = cluster.tokenOf(person === 'admin' ? 'sandbox' : `sandbox-${person}`);
  const { status, text } = await cluster.callAs(token, 'GET', path);
  return status === 403 ? (JSON.parse(text) as { message: string }).message : undefined;
}

function halted(name: string): object {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } },
  };
}
