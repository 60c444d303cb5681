import { spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import path from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ClusterApi, KubeObject } from '../../api/objects';
import { claimFile } from '../guest-files';
import { DUMP_ANNOTATION } from '../memory-dump/memory-dump-controller';
import { type PersistentVolumeClaim, PVCS } from '../storage-types';
import type { Pod } from '../types';
import { claimsOf } from '../volume-objects';
import { type Data, plain } from './export-authority';
import { certSecretName } from './export-objects';
import { volumePaths } from './exporter-pod';
import { servedManifests } from './served-manifests';
import { EXPORTER_PORT, SERVICE_LABEL, TOKEN_KEY } from './types';

const TOKEN_HEADER = 'x-kubevirt-export-token';
/** A pass over a disk costs more than the room for a piece of it. */
const READ = { highWaterMark: 2 ** 20 };
const PACK = { chunkSize: 2 ** 18 };
const FILE_NAME = /^[\w.-]+$/;

/** What runs in exporter pods: HTTPS servers that hand out the volumes they were given. Mirrors virt-exportserver. */
export class ExporterServers {
  private readonly servers = new Map<string, Server>();
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly directory: string,
  ) {
    this.stop = cluster.watch<Pod>('pods', ({ type, object }) => {
      if (type === 'DELETED' || object.status?.phase !== 'Running') this.end(object.metadata.uid);
    });
  }

  close(): void {
    this.stop();
    for (const uid of [...this.servers.keys()]) this.end(uid);
  }

  /** A connection to a port of a pod; undefined where no exporter listens. */
  dial(object: KubeObject, port: number): Duplex | undefined {
    // Pods of the store.
    const pod = object as Pod;
    if (!this.listens(pod) || port !== EXPORTER_PORT) return undefined;
    const server = this.servers.get(pod.metadata.uid) ?? this.begin(pod);
    const [inside, outside] = duplexPair();
    server?.emit('connection', inside);
    return server && outside;
  }

  listens({ metadata, status }: KubeObject): boolean {
    const exports = metadata.ownerReferences?.some(({ kind }) => kind === 'VirtualMachineExport') ?? false;
    const { phase } = (status ?? {}) as { phase?: string };
    return exports && metadata.labels?.[SERVICE_LABEL] !== undefined && phase === 'Running';
  }

  private begin(pod: Pod): Server | undefined {
    const secret = this.secret(pod, certSecretName(pod));
    if (!secret['tls.crt'] || !secret['tls.key']) return undefined;
    const identity = { cert: plain(secret['tls.crt']), key: plain(secret['tls.key']) };
    const server = createServer(identity, (request, response) => {
      this.answer(pod, request, response).catch((error) => {
        // Who hangs up in the middle has had enough.
        if (!response.destroyed) console.error(`exporter ${pod.metadata.name}:`, error);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      });
    });
    this.servers.set(pod.metadata.uid, server);
    return server;
  }

  private end(uid: string): void {
    this.servers.get(uid)?.closeAllConnections();
    this.servers.delete(uid);
  }

  private async answer(pod: Pod, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://exporter');
    if (url.pathname === '/exportready') {
      response.end('OK');
      return;
    }
    const found = this.find(pod, url.pathname);
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    const given = [url.searchParams.get(TOKEN_HEADER), request.headers[TOKEN_HEADER]];
    const token = this.token(pod);
    if (!given.some((text) => typeof text === 'string' && isSame(text, token))) {
      response.writeHead(401).end();
      return;
    }
    await found(request, response, token);
  }

  private find(pod: Pod, where: string) {
    const manifests = servedManifests(this.cluster, pod, where);
    if (manifests) {
      return async (request: IncomingMessage, response: ServerResponse, token: string) => {
        const body = manifests(request.headers.accept ?? '', token);
        response.end(body);
      };
    }
    for (const name of claimsOf(pod)) {
      const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, pod.metadata.namespace, name);
      const serve = claim && this.volume(claim, where);
      if (serve) return serve;
    }
    return undefined;
  }

  private volume(claim: PersistentVolumeClaim, where: string) {
    const file = claimFile(this.directory, claim);
    const name = fileName(claim);
    const { RAW, RAW_GZIP, ARCHIVE, DIR } = volumePaths(this.cluster, claim);
    if (where === RAW || (DIR && where === DIR + name)) {
      return (request: IncomingMessage, response: ServerResponse) => sendFile(file, request, response);
    }
    if (where === RAW_GZIP) {
      return onlyGet((response) => pipeline(createReadStream(file, READ), createGzip(PACK), response));
    }
    if (where === ARCHIVE) return onlyGet((response) => sendArchive(file, name, response));
    if (where === DIR) {
      return async (_: IncomingMessage, response: ServerResponse) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        const link = (await isThere(file)) ? `<a href="${name}">${name}</a>\n` : '';
        response.end(`<!doctype html>\n<pre>\n${link}</pre>\n`);
      };
    }
    return undefined;
  }

  private token(pod: Pod): string {
    const name = pod.spec.volumes?.find((volume) => volume.name === 'token')?.secret?.secretName;
    return plain(this.secret(pod, name)[TOKEN_KEY] ?? '');
  }

  private secret({ metadata }: Pod, name = ''): Record<string, string> {
    return this.cluster.get<Data>('secrets', metadata.namespace, name)?.data ?? {};
  }
}

/** The one file that a claim holds. */
function fileName({ metadata }: PersistentVolumeClaim): string {
  const dump = metadata.annotations?.[DUMP_ANNOTATION] ?? '';
  return FILE_NAME.test(dump) ? dump : 'disk.img';
}

/** As Go's ServeContent: the whole file, or the one range that is asked for. */
async function sendFile(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { size } = await stat(file);
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = from ? Number(from) : to ? Math.max(0, size - Number(to)) : 0;
  const end = Math.min(size - 1, from && to ? Number(to) : size - 1);
  if (start > end && size > 0) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  const part = from || to ? { 'content-range': `bytes ${start}-${end}/${size}` } : {};
  response.writeHead(from || to ? 206 : 200, {
    ...part,
    'accept-ranges': 'bytes',
    'content-length': size === 0 ? 0 : end - start + 1,
    'content-type': 'application/octet-stream',
  });
  if (request.method === 'HEAD' || size === 0) response.end();
  else await pipeline(createReadStream(file, { ...READ, start, end }), response);
}

/** What is packed on the way has no length and no parts. */
function onlyGet(send: (response: ServerResponse) => Promise<void>) {
  return async ({ method }: IncomingMessage, response: ServerResponse) => {
    if (method === 'GET') await send(response);
    else response.writeHead(400).end();
  };
}

async function sendArchive(file: string, name: string, response: ServerResponse): Promise<void> {
  const { dir, base } = path.parse(file);
  // A file system that nobody has put anything on is empty.
  const content = (await isThere(file)) ? [`--transform=s,.*,./${name},`, '--', base] : ['-T', '/dev/null'];
  const tar = spawn('tar', ['-S', '-c', '-C', dir, ...content], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}`))));
  });
  // Its end is awaited below; nobody may mistake a part for the whole.
  ended.catch(() => {});
  const whole = async function* () {
    yield* tar.stdout;
    await ended;
  };
  await pipeline(whole, createGzip(PACK), response);
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
