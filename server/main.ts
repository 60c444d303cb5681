import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { ConfigurationError } from '@/lib/auth/configuration';
import type { SessionSettings } from '@/lib/auth/configuration-schema';
import { KubeconfigError } from '@/lib/auth/kubeconfig';
import { openKeyRing } from '@/lib/auth/session-keys';
import type { SessionLimits } from '@/lib/auth/ticket';
import { publishInventory } from '@/lib/inventory/inventory';
import { startWorker } from '@/lib/inventory/thread/start-worker';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { AuditLog } from './audit-log';
import { TrustedProxies } from './client-address';
import { OptionError, readOptions, type ServerOptions } from './options';
import { type Pages, PortlightServer } from './portlight-server';
import { StartGate } from './start-gate';
import { lendsKubeconfig, openStartLink, startUrl } from './start-link';
import { StaticFiles } from './static-files';
import { TlsFiles, TlsFilesError } from './tls-files';

/** Sockets get this long to close; Kubernetes itself waits 30 s. */
const GRACE_MS = 3_000;
/** Nothing that hangs, in Next or elsewhere, may keep the process longer. */
const LAST_MOMENT_MS = GRACE_MS + 1_500;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const directory = await ClusterDirectory.open(options.sources, options);
  directory.watch();
  const { keysFile: file } = directory.configuration().session;
  const keysFile = file ? { file } : {};
  for (const { name, server } of directory.list().filter(({ insecure }) => insecure)) {
    console.warn(`Warning: the check of ${server}'s certificate is switched off (cluster ${name}).`);
  }
  if (options.peers.length > 0 && !file && !options.sessionKeys.text && !options.sessionKeys.file) {
    console.warn(
      'Warning: replicas (PORTLIGHT_PEERS) need the same session keys, and this one has none of its own.',
    );
  }
  const clusters = () => directory.list();
  const link = openStartLink(options, clusters());
  const { ring } = openKeyRing({ ...options.sessionKeys, ...keysFile });
  const tls = options.tls && new TlsFiles(options.tls.cert, options.tls.key);
  if (options.hosts.remote && !tls && options.trustedProxies.length === 0) {
    console.warn(
      `Warning: everything between browsers and ${options.host} travels unencrypted, credentials too. Serve HTTPS (--tls-cert, --tls-key), or name the reverse proxy that does (--trusted-proxy).`,
    );
  }
  const auditLog = options.auditLog ? new AuditLog(options.auditLog) : undefined;
  // A terminal that closes sends it too; with an audit log it means that the file was moved away.
  if (auditLog) process.on('SIGHUP', () => auditLog.reopen());
  const server = new PortlightServer({
    auditLog,
    directory,
    hosts: options.hosts,
    ring,
    gate: options.hosts.remote ? new StartGate({ ring, clusters, token: link?.token }) : undefined,
    limits: () => limitsOf(directory.configuration().session),
    peers: options.peers,
    // Built beside this file.
    startInventory: (died) => startWorker(new URL('./inventory.mjs', import.meta.url), died),
    trustedProxies: new TrustedProxies(options.trustedProxies),
    ...(tls ? { tls: tls.current } : {}),
  });
  tls?.follow(server, (sentence) => console.warn(sentence));
  publishInventory(server.reader);
  const { port } = await server.listen(options.port, options.host);
  stopOnSignals(server);
  const first = lookAtCluster(server, directory.current());
  server.setPages(await preparePages(options, port));
  await first;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `${tls ? 'https' : 'http'}://${host}:${port}`;
  const start =
    link && lendsKubeconfig(options, clusters())
      ? startUrl(url, directory.configuration().publicUrl, link)
      : undefined;
  const message = { ready: true, url, start, cluster: directory.current(), clusters: clusters().length };
  if (process.send) process.send(message);
  else
    console.log(
      `Portlight serves ${directory.current() || 'no cluster yet'} at ${url}${start ? `; open ${start}` : ''}`,
    );
}

function limitsOf({ idleMinutes, absoluteHours }: SessionSettings): SessionLimits {
  return { idleMs: idleMinutes * 60_000, absoluteMs: absoluteHours * 3_600_000 };
}

/** Begins to watch the cluster that opens first, so that the first page has its rows; tells when it does not answer. */
async function lookAtCluster({ inventory, auth }: PortlightServer, cluster: string): Promise<void> {
  // Where people sign in, nobody has yet.
  const self = cluster
    ? await auth
        .self()
        .viewer(cluster)
        .catch(() => undefined)
    : undefined;
  if (!self) return;
  const { feed } = await inventory.firstVmWindow(self, DEFAULT_VM_QUERY);
  if (feed.state !== 'paused' && feed.state !== 'refused') return;
  console.warn(`The cluster ${cluster} cannot be read: ${feed.error.message} The console keeps trying.`);
}

/**
 * Next gets an HTTP server that never listens: at the first request it adds an upgrade listener of its own, which would
 * end our sockets (router-server.js). In development its hot-reload socket is handed over through that server.
 */
async function preparePages({ dev, host }: ServerOptions, port: number): Promise<Pages> {
  const { default: next } = await import('next');
  const upgrades = createServer();
  const app = next({ dev, hostname: host, port, httpServer: upgrades });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    handle: (request, response) => void handle(request, response),
    ...(dev
      ? {}
      : { files: new StaticFiles(path.resolve(process.env.PORTLIGHT_DIST_DIR ?? '.next', 'static')) }),
    ...(dev
      ? {
          upgrade: (request, socket: Socket, head) => {
            if (upgrades.listenerCount('upgrade') === 0) socket.destroy();
            else upgrades.emit('upgrade', request, socket, head);
          },
        }
      : {}),
  };
}

function stopOnSignals(server: PortlightServer): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // Next's development server keeps handles open after its close(), so the process ends by itself, not by running dry.
    setTimeout(() => process.exit(0), LAST_MOMENT_MS).unref();
    void server.close(GRACE_MS).then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The start script's end of the channel closes when it dies, however it dies.
  if (process.send) process.on('disconnect', stop);
}

/** What can go wrong before the first page, in words for the person at the terminal. */
function explainStart(cause: unknown): string {
  const isExplained = [OptionError, KubeconfigError, ConfigurationError, TlsFilesError].some(
    (each) => cause instanceof each,
  );
  if (isExplained) return (cause as Error).message;
  const { code, port, address } = cause as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another one with --port.`;
  if (code === 'EACCES')
    return `Port ${port} may not be opened by this user. Choose one above 1023 with --port.`;
  if (code === 'EADDRNOTAVAIL')
    return `This machine has no address ${address}. Choose another one with --host.`;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

main().catch((cause: unknown) => {
  console.error(explainStart(cause));
  process.exit(1);
});
