import { existsSync } from 'node:fs';
import path from 'node:path';
import type { OpenIdOptions } from './api/access/openid-options';
import type { Admission } from './api/admission';
import { createAdmission } from './api/admission/create-admission';
import { createOpenApi } from './api/schema/openapi';
import { startApiServer } from './api/server';
import { type Cluster, createCluster } from './api/store';
import { clock } from './clock';
import { startControlServer } from './control/server';
import { sweepLeftovers } from './controllers/leftovers';
import { startControllers } from './controllers/start';
import type { VirtHandler } from './controllers/virt-handler';
import { createHypervisor } from './guests/create-hypervisor';
import type { Availability, Hypervisor } from './guests/hypervisor';
import { HostNetwork } from './host-network/host-network';
import { podLogs } from './kubevirt/pod-log';
import { SandboxRuntime } from './kubevirt/pod-runtime';
import { VirtApi } from './kubevirt/virt-api';
import { lockDirectory } from './lock';
import { MetricsExporter } from './metrics/metrics-exporter';
import { MetricsServer } from './metrics/metrics-server';
import { RequestCounts } from './metrics/server-metrics';
import { UsageSampler } from './metrics/usage-sampler';
import { ImageStore } from './registry/image-store';
import { generateCluster, type ScaleOptions } from './scale/generated-cluster';
import { GeneratedHypervisor } from './scale/generated-hypervisor';
import { ESTATE_AGE_MS } from './scale/plan';
import { preloadedImages } from './seed/preloaded-images';
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
  /** On the very first start, only what Kubernetes and KubeVirt bring: no CDI, no network add-ons, no metrics, no default class. */
  kubevirtOnly?: boolean;
  /** People beyond the sandbox's own: a file in the format of kube-apiserver's --token-auth-file. */
  tokenAuthFile?: string;
  /** An OpenID Connect provider whose ID tokens are believed. */
  openId?: OpenIdOptions;
  /** Whether to start the control endpoint, by which tests steer the clock and make things go wrong. */
  control?: boolean;
  /** A generated cluster in memory, made anew from its seed each time, in place of one that is kept. */
  scale?: ScaleOptions;
  /** A disk that container disks of Debian boot from, in place of the small guest. */
  fullGuest?: string;
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
  /** Where the cluster's names are answered on the host: `127.0.0.1:40053`. */
  names?: string;
  /** Ends everything, guests included. */
  close(): Promise<void>;
}

/**
 * Puts the cluster together: store, admission, controllers, hypervisor, API. Answers at once on a later start; guests
 * come back in the background.
 * @throws LockedError when another sandbox has the directory, and whatever makes a port or a journal unusable.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { projectRoot, log, machines = true, control = false, kubevirtOnly = false } = options;
  const directory = path.resolve(options.directory);
  const unlock = lockDirectory(directory);
  try {
    return await assemble(
      { ...options, directory, projectRoot, log, machines, control, kubevirtOnly },
      unlock,
    );
  } catch (error) {
    unlock();
    throw error;
  }
}

type Optional = 'port' | 'tokenAuthFile' | 'openId' | 'scale' | 'fullGuest';

async function assemble(
  options: Required<Omit<SandboxOptions, Optional>> & Pick<SandboxOptions, Optional>,
  unlock: () => void,
): Promise<Sandbox> {
  const { directory, control, scale } = options;
  clock.reset();
  const { cluster, admission, hypervisor, settled, begin } = scale
    ? await generated(scale, options.log)
    : await kept(options);
  const images = imageStore(directory, hypervisor.availability().available, options.fullGuest);
  const controllers = startControllers(settled, hypervisor, { directory, images, progress: options.log });
  const { virtHandler } = controllers;
  const sampler = hypervisor.availability().available ? new UsageSampler(cluster, virtHandler) : undefined;
  const end = begin(virtHandler);
  const kubeconfig = path.join(directory, 'kubeconfig');
  const virtApi = new VirtApi(cluster.as('virt-api'), virtHandler, hypervisor);
  const requests = new RequestCounts();
  const { deadNodes } = controllers;
  const { connections } = virtApi;
  const exporter = new MetricsExporter({ cluster, virtHandler, deadNodes, connections, requests, directory });
  const podRuntime = new SandboxRuntime(cluster, virtHandler, [
    controllers.exporters,
    controllers.uploadProxy,
  ]);
  const hostNetwork = scale ? undefined : await HostNetwork.start(cluster, podRuntime, directory);
  const api = await startApiServer({
    cluster,
    admission,
    openapi: createOpenApi(cluster.registry),
    subresources: virtApi,
    exposition: exporter,
    onAnswer: (verb, resource, code) => requests.note(verb, resource, code),
    podRuntime,
    podLog: podLogs(
      cluster,
      virtHandler,
      (pod) => controllers.workerRuns.logOf(pod) ?? controllers.uploadServers.logOf(pod),
    ),
    metrics: new MetricsServer(cluster, sampler, deadNodes),
    directory,
    kubeconfig,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.tokenAuthFile === undefined ? {} : { tokenAuthFile: options.tokenAuthFile }),
    ...(options.openId === undefined ? {} : { openId: options.openId }),
  });
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
    ...(hostNetwork ? { names: hostNetwork.names } : {}),
    async close() {
      end();
      hostNetwork?.close();
      sampler?.close();
      images.close();
      await Promise.all([controllers.close(), api.close(), hypervisor.close(), controlServer?.close()]);
      cluster.close();
      unlock();
    },
  };
}

/** Machines that are mere states need no images from far away. */
function imageStore(directory: string, hasGuests: boolean, fullGuest?: string): ImageStore {
  const { PORTLIGHT_SANDBOX_REGISTRIES: asked, PORTLIGHT_SANDBOX_INSECURE_REGISTRIES: insecure = '' } =
    process.env;
  return new ImageStore({
    directory: path.join(directory, 'images'),
    asked: asked === 'loopback' || !hasGuests ? 'loopback' : 'all',
    insecureHosts: insecure.split(',').filter(Boolean),
    preloaded: preloadedImages(),
    ...(fullGuest ? { provided: new Map([['debian', fullGuest]]) } : {}),
  });
}

/** What differs between a cluster that is kept and one that is generated. */
interface Ground {
  cluster: Cluster;
  admission: Admission;
  hypervisor: Hypervisor;
  /** The cluster as its controllers see it. */
  settled: Cluster;
  /** Called once the controllers run; returns what ends it. */
  begin(virtHandler: VirtHandler): () => void;
}

async function kept({
  directory,
  projectRoot,
  machines,
  kubevirtOnly,
  log,
}: Required<
  Pick<SandboxOptions, 'directory' | 'projectRoot' | 'machines' | 'kubevirtOnly' | 'log'>
>): Promise<Ground> {
  const hypervisor = await createHypervisor({
    directory,
    cacheDirectory: path.join(projectRoot, '.cache', 'guest'),
    projectRoot,
    log,
  });
  // What is there from a cluster's first moment is as old as the cluster.
  const isNew = !existsSync(path.join(directory, 'journal.jsonl'));
  const cluster = clock.ago(isNew ? CLUSTER_AGE_MS : 0, () => createCluster({ directory }));
  const admission = createAdmission(cluster, cluster.registry);
  const unseeded = isUnseeded(cluster);
  if (unseeded) seedPlatform(cluster, { kubevirtOnly });
  if (unseeded && machines) seedCluster(cluster, admission);
  await sweepLeftovers(cluster, directory);
  // What a cluster did before its API was up cannot be watched.
  if (unseeded) cluster.state.forgetHistory(cluster.revision);
  const begin = (virtHandler: VirtHandler) =>
    unseeded && machines ? pauseWhenUp(cluster, virtHandler, hypervisor.availability().available) : () => {};
  return { cluster, admission, hypervisor, settled: cluster, begin };
}

async function generated(scale: ScaleOptions, log: (sentence: string) => void): Promise<Ground> {
  const cluster = clock.ago(ESTATE_AGE_MS, () => createCluster({ directory: undefined }));
  const reason = `The ${scale.vms} machines of this cluster were generated: each is only its state.`;
  const hypervisor = new GeneratedHypervisor(cluster, reason);
  const { settled, stir } = await generateCluster(cluster, scale, log);
  return { cluster, admission: createAdmission(cluster, cluster.registry), hypervisor, settled, begin: stir };
}
