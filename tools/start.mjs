// npm start, npm run dev, npm run sandbox: makes ready what is missing, starts the sandbox if it is wanted and the
// server, and ends all of it together. Plain Node without packages: on a fresh clone there are none yet.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { afterAll, isStopping, startProcess, stopAll } from './processes.mjs';
import { ensureBuilt, ensureGuests, ensurePackages, root, SetupError } from './setup.mjs';

const HELP = `npm start [-- OPTIONS]

Serves Portlight. Takes the first of: --kubeconfig or KUBECONFIG, the service account of a pod, ~/.kube/config, and
else its own sandbox.

  --kubeconfig FILE   the clusters of this kubeconfig
  --config FILE       clusters, ways to sign in, sessions (PORTLIGHT_CONFIG): see docs/configuration.md
  --clusters DIR      a folder with a file for each cluster: a kubeconfig or an entry as in the configuration
  --sign-in KIND      token or kubeconfig: how one signs in to clusters; may be repeated
  --sandbox           the sandbox, whatever kubeconfigs there are
  --port PORT         where to listen (PORT, else 3000)
  --host ADDRESS      on which address (HOST, else 127.0.0.1)
  --allow-remote      lets whoever has the link that is printed then use the kubeconfig's credentials from other
                      machines (--host); where people sign in it is not needed
  --allowed-host NAME a further name under which browsers reach it; may be repeated
  --tls-cert FILE     serve HTTPS with this certificate; --tls-key FILE is its key
  --audit-log FILE    write who did what to which object as JSON lines; - for standard output
  --trusted-proxy A   believe X-Forwarded headers of this address or range; may be repeated
  --vms N             the sandbox with N generated machines in place of its own: in memory, without guests
  --churn N           N changes per second to generated machines; --seed N chooses which are generated
  --full-guest        the sandbox with a second, fuller guest for container disks of Debian: built at first, with root, in
                      some minutes and 1 GiB (PORTLIGHT_SANDBOX_FULL_GUEST=1)
  --dev               with hot reload (npm run dev)
  --sandbox-only      only the sandbox (npm run sandbox)
  --help              this text
`;

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const started = Date.now();
const log = (sentence) =>
  console.log(`[${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s] ${sentence}`);

function readArguments() {
  try {
    return parseArgs({
      options: {
        config: { type: 'string' },
        clusters: { type: 'string' },
        'sign-in': { type: 'string', multiple: true },
        kubeconfig: { type: 'string' },
        sandbox: { type: 'boolean' },
        port: { type: 'string' },
        host: { type: 'string' },
        'allow-remote': { type: 'boolean' },
        'allowed-host': { type: 'string', multiple: true },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        'audit-log': { type: 'string' },
        'trusted-proxy': { type: 'string', multiple: true },
        vms: { type: 'string' },
        churn: { type: 'string' },
        seed: { type: 'string' },
        'full-guest': { type: 'boolean' },
        dev: { type: 'boolean' },
        'sandbox-only': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new SetupError(`${error.message.split('.')[0]}. See npm start -- --help.`);
  }
}

/** Which cluster is meant: the server's arguments for it, and where it was found. */
function chooseCluster(options) {
  if (options.sandbox || options['sandbox-only'] || options.vms) return { sandbox: true };
  const config = options.config ?? process.env.PORTLIGHT_CONFIG;
  if ((config || options.clusters) && !options.kubeconfig) {
    // The server reads them, and knows what else is meant when the configuration names no clusters.
    return { args: [], origin: config ?? options.clusters };
  }
  const named = options.kubeconfig ?? process.env.KUBECONFIG;
  if (named) {
    const files = named.split(path.delimiter).filter(Boolean);
    const absent = files.find((file) => !existsSync(file));
    if (absent) throw new SetupError(`The kubeconfig ${absent} cannot be read: there is no such file.`);
    return { args: ['--kubeconfig', named], origin: named };
  }
  if (process.env.KUBERNETES_SERVICE_HOST && existsSync(SERVICE_ACCOUNT_TOKEN)) {
    return { args: ['--in-cluster'], origin: "the pod's service account" };
  }
  const own = path.join(homedir(), '.kube', 'config');
  if (existsSync(own)) return { args: ['--kubeconfig', own], origin: own };
  return { sandbox: true };
}

/** Says that a port is taken before minutes of building, not after. */
function checkPort(port, host) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', (error) => {
      if (error.code === 'EADDRINUSE')
        reject(new SetupError(`Port ${port} is taken. Choose another one with --port.`));
      else resolve();
    });
    probe.listen({ port, host }, () => probe.close(resolve));
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 9)) return;
  throw new SetupError(`Portlight needs Node 20.9 or newer; this is ${process.version}.`);
}

/** Where the fuller guest's disk lies, when it is wanted and can be had. */
async function fullGuest(options) {
  if (options.vms || !(options['full-guest'] ?? process.env.PORTLIGHT_SANDBOX_FULL_GUEST === '1'))
    return undefined;
  const { ensureFullGuest } = await import('./full-guest.mjs');
  const cacheDirectory = path.join(root, '.cache', 'full-guest');
  const { disk, reason } = await ensureFullGuest({ cacheDirectory, log });
  if (reason) log(`Debian is the small guest as well. ${reason}`);
  return disk;
}

function startSandbox(options, fullGuestDisk) {
  const script = path.join(root, 'dist', 'sandbox.mjs');
  // A sandbox that was killed could not end its guests, and none will come any more to adopt them.
  afterAll(() =>
    spawnSync(process.execPath, [script, '--end-guests'], { cwd: root, stdio: 'ignore', timeout: 10_000 }),
  );
  // Not for the server: Next's development server then reads source maps until the heap is full.
  const nodeArgs = ['--enable-source-maps'];
  const args = ['--with-parent'];
  for (const name of ['vms', 'churn', 'seed']) if (options[name]) args.push(`--${name}`, options[name]);
  if (fullGuestDisk) args.push('--full-guest', fullGuestDisk);
  return startProcess({ name: 'the sandbox', script, args, nodeArgs, restart: true, log });
}

function startServer(options, clusterArgs) {
  const args = [...clusterArgs];
  for (const name of ['port', 'host', 'config', 'clusters', 'tls-cert', 'tls-key', 'audit-log'])
    if (options[name]) args.push(`--${name}`, options[name]);
  for (const name of ['allowed-host', 'trusted-proxy', 'sign-in'])
    for (const value of options[name] ?? []) args.push(`--${name}`, value);
  for (const name of ['allow-remote', 'dev']) if (options[name]) args.push(`--${name}`);
  return startProcess({
    name: 'the server',
    script: path.join(root, 'dist', 'server.mjs'),
    args,
    env: { NODE_ENV: options.dev ? 'development' : 'production', NEXT_TELEMETRY_DISABLED: '1' },
    log,
  });
}

async function main() {
  checkNode();
  const options = readArguments();
  if (options.help) {
    console.log(HELP);
    return;
  }
  const cluster = chooseCluster(options);
  const sandboxOnly = options['sandbox-only'] ?? false;
  const port = Number(options.port ?? (process.env.PORT || 3000));
  if (!sandboxOnly && port > 0 && port < 65_536) {
    await checkPort(port, options.host ?? (process.env.HOST || '127.0.0.1'));
  }
  await Promise.all([ensurePackages(log), cluster.sandbox && !options.vms ? ensureGuests(log) : undefined]);
  await ensureBuilt(log, {
    pages: !options.dev && !sandboxOnly,
    bundles: [...(sandboxOnly ? [] : ['server', 'inventory']), ...(cluster.sandbox ? ['sandbox'] : [])],
  });
  let { args, origin } = cluster;
  if (cluster.sandbox) {
    const { kubeconfig, url } = await startSandbox(options, await fullGuest(options));
    if (sandboxOnly) {
      log(`The sandbox answers at ${url}. Use it with: export KUBECONFIG=${kubeconfig}`);
      return;
    }
    args = ['--sandbox-kubeconfig', kubeconfig];
    origin = 'the sandbox';
  }
  const { url, start, cluster: name } = await startServer(options, args);
  log(`Portlight is at ${url} and shows the cluster ${name} (${origin}).`);
  if (start) log(`It opens with this link only: ${start}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A second Ctrl+C does not wait any more.
  process.on(signal, () => stopAll().then(() => process.exit(0)));
}
main().catch(async (error) => {
  if (isStopping()) return;
  console.error(error instanceof SetupError ? error.message : error);
  await stopAll();
  process.exit(1);
});
