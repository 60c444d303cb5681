import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OPENID_FLAGS, type OpenIdFlag, readOpenIdOptions } from './api/access/openid-options';
import { endLeftGuests } from './guests/run-directory';
import { LockedError, lockDirectory } from './lock';
import { type Sandbox, startSandbox } from './sandbox';
import { continueWithHeap, heapFor } from './scale/heap';

const HELP = `The embedded cluster: a Kubernetes API with KubeVirt whose machines really boot.

  --directory DIR  where it keeps its state (PORTLIGHT_SANDBOX_DIRECTORY, else .sandbox)
  --port PORT      where its API listens on 127.0.0.1 (PORTLIGHT_SANDBOX_PORT, else the port used last, else any)
  --empty          without machines for a first look (PORTLIGHT_SANDBOX_EMPTY=1)
  --kubevirt-only  on the first start only what Kubernetes and KubeVirt bring: no CDI, no network add-ons, no metrics, no
                   default StorageClass (PORTLIGHT_SANDBOX_KUBEVIRT_ONLY=1)
  --token-auth-file FILE  more people: lines of token,user,uid,"group1,group2", as kube-apiserver reads them
  --oidc-issuer-url URL, --oidc-client-id ID  believe this OpenID Connect provider's ID tokens, as kube-apiserver does
                   (PORTLIGHT_SANDBOX_OIDC_ISSUER_URL and so on); with --oidc-username-claim, --oidc-username-prefix,
                   --oidc-groups-claim, --oidc-groups-prefix and --oidc-ca-file as there
  --control        serve the endpoint by which tests steer the clock and make things go wrong (docs/sandbox-control.md);
                   its address and token are in control.json (PORTLIGHT_SANDBOX_CONTROL=1)
  --vms N          serve N generated machines instead, in memory and without guests: nothing is kept, and the same seed
                   gives the same machines (keys and kubeconfig in .sandbox-scale unless --directory says otherwise)
  --churn N        keep generated machines changing, at N events per second (0)
  --seed N         which machines are generated (1)
  --full-guest FILE  boot container disks of Debian from this disk, which tools/full-guest.mjs builds
  --with-parent    end when the process that started this one is gone
  --end-guests     only end the guests that a killed sandbox left behind
  --help           this text

PORTLIGHT_SANDBOX_GUESTS=off keeps machines as mere states, without QEMU.
`;

/** Guests are killed, not asked: nobody waits longer than this for the end. */
const END_MS = 4_500;

class UsageError extends Error {}

// Written as a record of its own: parseArgs derives the values' types from the literal it is given.
const openIdFlags = Object.fromEntries(OPENID_FLAGS.map((flag) => [flag, { type: 'string' }])) as Record<
  OpenIdFlag,
  { type: 'string' }
>;

function parse() {
  return parseArgs({
    options: {
      directory: { type: 'string' },
      port: { type: 'string' },
      empty: { type: 'boolean' },
      'kubevirt-only': { type: 'boolean' },
      'token-auth-file': { type: 'string' },
      ...openIdFlags,
      control: { type: 'boolean' },
      vms: { type: 'string' },
      churn: { type: 'string' },
      seed: { type: 'string' },
      'full-guest': { type: 'string' },
      'with-parent': { type: 'boolean' },
      'end-guests': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  }).values;
}

function readOptions() {
  const values = parse();
  const port = values.port ?? process.env.PORTLIGHT_SANDBOX_PORT;
  if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) >= 0 && Number(port) < 65_536)) {
    throw new UsageError(`${port} is not a port. See --help.`);
  }
  const vms = wholeNumber('vms', values.vms);
  const churn = wholeNumber('churn', values.churn);
  const seed = wholeNumber('seed', values.seed);
  if (vms === undefined && (churn !== undefined || seed !== undefined)) {
    throw new UsageError(
      '--churn and --seed are for generated machines: say how many with --vms. See --help.',
    );
  }
  const usual = vms === undefined ? '.sandbox' : '.sandbox-scale';
  return {
    help: values.help ?? false,
    directory: values.directory ?? process.env.PORTLIGHT_SANDBOX_DIRECTORY ?? usual,
    scale: vms === undefined ? undefined : { vms, churn: churn ?? 0, seed: seed ?? 1 },
    port: port === undefined ? undefined : Number(port),
    machines: !(values.empty ?? process.env.PORTLIGHT_SANDBOX_EMPTY === '1'),
    kubevirtOnly: values['kubevirt-only'] ?? process.env.PORTLIGHT_SANDBOX_KUBEVIRT_ONLY === '1',
    fullGuest: values['full-guest'],
    tokenAuthFile: values['token-auth-file'],
    openId: readOpenId(values),
    control: values.control ?? process.env.PORTLIGHT_SANDBOX_CONTROL === '1',
    withParent: values['with-parent'] ?? false,
    endGuests: values['end-guests'] ?? false,
  };
}

/** @throws UsageError */
function readOpenId(values: Partial<Record<OpenIdFlag, string>>) {
  try {
    return readOpenIdOptions(values, process.env);
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

/** @throws UsageError */
function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} ${text} is not a whole number. See --help.`);
  return Number(text);
}

/** The nearest directory above this file that is a package: the bundle lies deeper than the source. */
function findProjectRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(directory, 'package.json'))) {
    const parent = path.dirname(directory);
    if (parent === directory) return process.cwd();
    directory = parent;
  }
  return directory;
}

function endOnSignals(sandbox: Sandbox, withParent: boolean): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), END_MS).unref();
    sandbox.close().then(
      () => process.exit(0),
      (error) => {
        console.error('The sandbox did not end cleanly:', error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  if (withParent) process.on('disconnect', end);
}

async function main(): Promise<void> {
  const options = readOptions();
  const { help, directory, port, machines, kubevirtOnly, scale, tokenAuthFile, openId, control } = options;
  const { withParent, endGuests, fullGuest } = options;
  if (help) {
    console.log(HELP);
    return;
  }
  if (endGuests) {
    const release = lockDirectory(directory);
    await endLeftGuests(directory);
    release();
    return;
  }
  if (scale && continueWithHeap(heapFor(scale.vms))) return;
  const sandbox = await startSandbox({
    directory,
    machines,
    kubevirtOnly,
    control,
    projectRoot: findProjectRoot(),
    log: (sentence) => console.log(sentence),
    ...(port === undefined ? {} : { port }),
    ...(tokenAuthFile === undefined ? {} : { tokenAuthFile }),
    ...(openId === undefined ? {} : { openId }),
    ...(scale === undefined ? {} : { scale }),
    ...(fullGuest === undefined ? {} : { fullGuest }),
  });
  endOnSignals(sandbox, withParent);
  const { url, kubeconfig, guests, names } = sandbox;
  if (!guests.available) console.log(guests.reason);
  if (process.send) process.send({ ready: true, url, kubeconfig, guests });
  else {
    console.log(`The sandbox answers at ${url}; its kubeconfig is ${kubeconfig}.`);
    if (names)
      console.log(`Its services listen on this computer, and their names are answered at ${names} (UDP).`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof LockedError || error instanceof UsageError ? error.message : error);
  process.exit(1);
});
