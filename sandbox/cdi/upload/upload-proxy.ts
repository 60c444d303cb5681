import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { verifyUploadToken } from '../../api/access/upload-token';
import { loadServerIdentity } from '../../api/certificates';
import type { ClusterApi, KubeObject } from '../../api/objects';
import { clock } from '../../clock';
import { type PersistentVolumeClaim, PVCS } from '../../controllers/storage-types';
import type { Pod } from '../../controllers/types';
import * as names from '../names';
import { workerName } from '../worker-pods';
import { allowAll } from './cross-origin';
import type { UploadServers } from './upload-servers';

const HOST = '127.0.0.1';
const PORT_FILE = 'upload-proxy-port';
/** Where it listens in its pod. */
const POD_PORT = 8443;
const PATHS = ['upload', 'upload-async', 'upload-form', 'upload-form-async'].flatMap((name) => [
  `/v1beta1/${name}`,
  `/v1alpha1/${name}`,
]);
const BEARER = /^Bearer\s+([A-Za-z0-9\-._~+/]+)$/i;
const READY_WAIT_MS = 10_000;
const READY_LOOK_MS = 1000;
const HEADERS_MS = 10_000;
/** How long a client that was refused may go on sending: it hears the answer only when it is done. */
const REFUSED_MS = 5000;

export interface UploadProxyAddress {
  url: string;
  /** PEM of who vouches for its certificate. */
  ca: string;
}

interface Deployment extends KubeObject {
  spec?: { replicas?: number };
}

/**
 * CDI's upload proxy: an HTTPS server on the loopback interface that hands images on to upload pods, for whoever has a
 * token for the claim. It listens while its Deployment has replicas, on the port that it had last. Mirrors
 * pkg/uploadproxy of CDI.
 */
export class UploadProxy {
  private server: Server | undefined;
  private at: UploadProxyAddress | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly directory: string,
    private readonly servers: UploadServers,
  ) {
    this.stop = cluster.watch<Deployment>('deployments.apps', ({ type, object }) => {
      const { namespace, name } = object.metadata;
      if (namespace !== names.CDI_NAMESPACE || name !== 'cdi-uploadproxy') return;
      const wanted = type !== 'DELETED' && (object.spec?.replicas ?? 1) > 0;
      if (wanted && !this.server) this.start();
      else if (!wanted) this.end();
    });
  }

  /** Where it listens, or did last; undefined before the first time. */
  get address(): UploadProxyAddress | undefined {
    return this.at;
  }

  /** Calls `listener` when the address changes. Returns what ends that. */
  watchAddress(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A connection to a port of the proxy's pod; undefined for other pods and ports. */
  dial({ metadata }: KubeObject, port: number): Duplex | undefined {
    const isProxy =
      metadata.namespace === names.CDI_NAMESPACE &&
      metadata.labels?.['cdi.kubevirt.io'] === 'cdi-uploadproxy';
    if (!isProxy || port !== POD_PORT || !this.server) return undefined;
    const [inside, outside] = duplexPair();
    this.server.emit('connection', inside);
    return outside;
  }

  close(): void {
    this.stop();
    this.end();
  }

  private start(): void {
    const identity = loadServerIdentity(this.directory);
    const server = createServer(
      { key: identity.key, cert: identity.certificate, minVersion: 'TLSv1.2' },
      (request, response) => {
        this.serve(request, response).catch((error: unknown) => {
          console.error('upload proxy:', error instanceof Error ? error.message : error);
          if (response.headersSent) response.destroy();
          else response.writeHead(500).end();
        });
      },
    );
    // An upload may take a day.
    server.requestTimeout = 0;
    server.headersTimeout = HEADERS_MS;
    this.server = server;
    const listening = () => {
      const { port } = server.address() as AddressInfo;
      writeFileSync(path.join(this.directory, PORT_FILE), `${port}\n`);
      this.at = { url: `https://${HOST}:${port}`, ca: identity.ca };
      for (const listener of this.listeners) listener();
    };
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      server.listen(0, HOST, listening);
    });
    server.listen(this.lastPort(), HOST, listening);
  }

  private end(): void {
    this.server?.close();
    this.server?.closeAllConnections();
    this.server = undefined;
  }

  private lastPort(): number {
    try {
      return Number.parseInt(readFileSync(path.join(this.directory, PORT_FILE), 'utf8'), 10) || 0;
    } catch {
      return 0;
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (allowAll(request, response)) return;
    const [where = '/'] = (request.url ?? '/').split('?');
    if (where === '/healthz') {
      response.end('OK');
      return;
    }
    const refusal = PATHS.includes(where)
      ? await this.upload(request, response, where)
      : { status: 404, text: '404 page not found\n' };
    if (!refusal) {
      letGo(request);
      return;
    }
    const { status, text = '' } = refusal;
    response.writeHead(status, {
      ...(text ? { 'content-type': 'text/plain; charset=utf-8' } : {}),
      'content-length': Buffer.byteLength(text),
    });
    response.end(request.method === 'HEAD' ? undefined : text);
    letGo(request);
  }

  /** Hands the request on to the claim's upload pod, or says why not. */
  private async upload(
    request: IncomingMessage,
    response: ServerResponse,
    where: string,
  ): Promise<{ status: number; text?: string } | undefined> {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return { status: 400 };
    const claims = await verifyUploadToken(token, this.cluster, clock.now());
    if (claims === undefined) return { status: 401 };
    const { operation, name, namespace, resource } = claims;
    if (operation !== 'Upload' || !name || !namespace || resource !== 'persistentvolumeclaims')
      return { status: 400 };
    const found = await this.ready(namespace, name);
    if ('refusal' in found) return { status: 503, text: escapeHtml(found.refusal) };
    const pod = this.podOf(found.claim);
    const contentType = found.claim.metadata.annotations?.[names.CONTENT_TYPE] ?? '';
    if (!['', 'kubevirt', 'archive'].includes(contentType)) {
      const text = `rejecting upload request for PVC ${name} - upload content-type ${contentType} is invalid`;
      return { status: 503, text: escapeHtml(text) };
    }
    if (pod?.status?.phase !== 'Running') return { status: 502 };
    await this.servers.answer(pod, request, response, where);
    return undefined;
  }

  /** The claim that an upload goes into, when its server takes one; waits for that as CDI does. */
  private async ready(
    namespace: string,
    name: string,
  ): Promise<{ claim: PersistentVolumeClaim } | { refusal: string }> {
    const deadline = clock.millis() + READY_WAIT_MS;
    for (;;) {
      const found = this.lookFor(namespace, name);
      if (found) return found;
      if (clock.millis() >= deadline) return { refusal: 'context deadline exceeded' };
      await new Promise<void>((resolve) => clock.after(READY_LOOK_MS, resolve));
    }
  }

  /** Undefined while it is too early to tell. */
  private lookFor(
    namespace: string,
    name: string,
  ): { claim: PersistentVolumeClaim } | { refusal: string } | undefined {
    const reject = (why: string) => ({ refusal: `rejecting Upload Request for PVC ${name}${why}` });
    const target = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!target) return reject(" that doesn't exist");
    const { annotations = {} } = target.metadata;
    let claim: PersistentVolumeClaim | undefined = target;
    if (target.spec.dataSourceRef?.kind === 'VolumeUploadSource') {
      const prime = annotations[names.PRIME];
      if (prime === undefined) return undefined;
      claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, prime);
      if (!claim) return reject(", PVC' wasn't created yet");
    }
    const told = claim.metadata.annotations ?? {};
    if (told[names.UPLOAD_TARGET] === undefined)
      return { refusal: `PVC ${claim.metadata.name} is not an upload target` };
    if (told[names.POD_PHASE] === 'Succeeded') return reject(' that already finished uploading');
    return told[names.POD_READY] === 'true' ? { claim } : undefined;
  }

  private podOf({ metadata }: PersistentVolumeClaim): Pod | undefined {
    return this.cluster.get<Pod>('pods', metadata.namespace, workerName('cdi-upload-server', metadata.name));
  }
}

/** What was answered before all was read is dropped; a client that does not stop sending is hung up on. */
function letGo(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.on('error', () => {});
  request.resume();
  const timer = setTimeout(() => request.destroy(), REFUSED_MS);
  request.once('close', () => clearTimeout(timer));
}

/** As Go's html.EscapeString. */
function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    "'": '&#39;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
  };
  return text.replace(/[&'<>"]/g, (character) => entities[character] ?? character);
}
