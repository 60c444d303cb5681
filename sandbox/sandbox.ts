import { existsSync } from 'node:fs';
import path from 'node:path';
import { createAdmission } from './api/admission/create-admission';
import { createOpenApi } from './api/schema/openapi';
import { startApiServer } from './api/server';
import { createCluster } from './api/store';
import { clock } from './clock';
import { startControlServer } from './control/server';
import { startControllers } from './controllers/start';
import { createHypervisor } from './guests/create-hypervisor';
import type { Availability } from './guests/hypervisor';
import { podLogs } from './kubevirt/pod-log';
import { VirtApi } from './kubevirt/virt-api';
import { lockDirectory } from './lock';
import { CLUSTER_AGE_MS, isUnseeded, pauseWhenUp, seedCluster, seedPlatform } from './seed/seed';

export interface SandboxOptions {
  /** Everything the sandbox keeps: objects, disks, keys, kubeconfig. */
  directory: string;
  /** 0 takes any; unset the one used last. */
  port?: number;
  /** Holds sandbox/guests/rootfs and `.cache`. */
  projectRoot: string;
  /** Machines for a first look, on the very first start; without them only nodes, storage and KubeVirt. */
  machines?: boolean;
  /** People beyond the sandbox's own: a file in the format of kube-apiserver's --token-auth-file. */
  tokenAuthFile?: string;
  /** Whether to start the control endpoint, by which tests steer the clock and make things go wrong. */
  control?: boolean;
  /** Told about long work, in whole sentences. */
  log: (sentence: string) => void;
}

export interface Sandbox {
  url: string;
  /** PEM */
  ca: string;
  kubeconfig: string;
  /** Bearer tokens by user name. */
  tokens: Record<string, string>;
  guests: Availability;
  control?: { url: string; token: string };
  /** Ends everything, guests included. */
  close(): Promise<void>;
}

/**
 * Puts the cluster together: store, admission, controllers, hypervisor, API. Answers at once on a later start; guests
 * come back in the background.
 * @throws LockedError when another sandbox has the directory, and whatever makes a port or a journal unusable.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { projectRoot, log, machines = true, control = false } = options;
  const directory = path.resolve(options.directory);
  const unlock = lockDirectory(directory);
  try {
    return await assemble({ ...options, directory, projectRoot, log, machines, control }, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function assemble(
  options: Required<Omit<SandboxOptions, 'port' | 'tokenAuthFile'>> &
    Pick<SandboxOptions, 'port' | 'tokenAuthFile'>,
  unlock: () => void,
): Promise<Sandbox> {
  const { directory, projectRoot, machines, control, log } = options;
  const hypervisor = await createHypervisor({
    directory,
    cacheDirectory: path.join(projectRoot, '.cache', 'guest'),
    projectRoot,
    log,
  });
  clock.reset();
  // What is there from a cluster's first moment is as old as the cluster.
  const isNew = !existsSync(path.join(directory, 'journal.jsonl'));
  const cluster = clock.ago(isNew ? CLUSTER_AGE_MS : 0, () => createCluster({ directory }));
  const admission = createAdmission(cluster, cluster.registry);
  const unseeded = isUnseeded(cluster);
  if (unseeded) seedPlatform(cluster);
  if (unseeded && machines) seedCluster(cluster, admission);
  // What a cluster did before its API was up cannot be watched.
  if (unseeded) cluster.state.forgetHistory(cluster.revision);
  const controllers = startControllers(cluster, hypervisor, { directory, progress: log });
  const { virtHandler } = controllers;
  if (unseeded && machines) pauseWhenUp(cluster, virtHandler, hypervisor.availability().available);
  const kubeconfig = path.join(directory, 'kubeconfig');
  const api = await startApiServer({
    cluster,
    admission,
    openapi: createOpenApi(),
    subresources: new VirtApi(cluster.as('virt-api'), virtHandler, hypervisor),
    podLog: podLogs(cluster, virtHandler, (pod) => controllers.workerRuns.logOf(pod)),
    directory,
    kubeconfig,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.tokenAuthFile === undefined ? {} : { tokenAuthFile: options.tokenAuthFile }),
  });
  const { deadNodes } = controllers;
  const controls = {
    ...api.steering,
    setNodeDead(name: string, dead: boolean) {
      if (!cluster.get('nodes', undefined, name)) return false;
      deadNodes.set(name, dead);
      return true;
    },
  };
  const controlServer = control ? await startControlServer(controls, directory) : undefined;
  return {
    url: api.url,
    ca: api.ca,
    kubeconfig,
    tokens: api.tokens,
    guests: hypervisor.availability(),
    ...(controlServer ? { control: { url: controlServer.url, token: controlServer.token } } : {}),
    async close() {
      controllers.close();
      await Promise.all([api.close(), hypervisor.close(), controlServer?.close()]);
      cluster.close();
      unlock();
    },
  };
}
