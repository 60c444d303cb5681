import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { type PersistentVolumeClaim, PVCS } from '../../controllers/storage-types';
import { now } from '../../controllers/time';
import type { Pod } from '../../controllers/types';
import { claimsOf } from '../../controllers/volume-objects';
import { importJob } from '../import-job';
import { WORKER_LABEL } from '../names';
import { saveImage, type Target } from '../transfer/save-image';
import { endContainer, restartContainer } from './container-state';
import { FormError, formFile } from './form-file';

const RESTART_MS = 1000;

type State = 'waiting' | 'uploading' | 'processing' | 'done';

interface Server {
  state: State;
  log: string[];
  /** Aborted when the pod goes. */
  ending: AbortController;
}

interface Upload {
  request: IncomingMessage;
  response: ServerResponse;
  /** Whether the answer comes as soon as all bytes are in. */
  isAsync: boolean;
  isForm: boolean;
}

/** What runs in CDI's upload pods: each takes one image in and ends with it. Mirrors pkg/uploadserver of CDI. */
export class UploadServers {
  private readonly servers = new Map<string, Server>();
  /** What is being taken in. */
  private readonly active = new Set<Promise<void>>();
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly directory: string,
  ) {
    this.stop = cluster.watch<Pod>('pods', ({ type, object }) => {
      if (object.metadata.labels?.[WORKER_LABEL] !== 'cdi-upload-server') return;
      if (type === 'DELETED' || object.metadata.deletionTimestamp) this.end(object.metadata.uid);
    });
  }

  /** Resolves when nothing is written any more. The pods go on with a new start. */
  async close(): Promise<void> {
    this.stop();
    for (const uid of [...this.servers.keys()]) this.end(uid);
    await Promise.all(this.active);
  }

  /** What the server in an upload pod has printed; undefined for other pods. */
  logOf({ metadata }: Pod): readonly string[] | undefined {
    return this.servers.get(metadata.uid)?.log;
  }

  /** Answers a request of the upload proxy; the path says how the image is sent, and when it is to be answered. */
  async answer(pod: Pod, request: IncomingMessage, response: ServerResponse, where: string): Promise<void> {
    const isAsync = where.endsWith('-async');
    if (request.method === 'HEAD' && isAsync) {
      response.end();
      return;
    }
    if (request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const server = this.serverOf(pod);
    if (server.state === 'uploading' || server.state === 'processing') {
      this.print(server, 'Got concurrent upload request', 'W');
      response.writeHead(503).end();
      return;
    }
    if (server.state === 'done') {
      this.print(server, 'Got upload request after already done', 'W');
      response.writeHead(409).end();
      return;
    }
    server.state = 'uploading';
    const taking = this.take(pod, server, { request, response, isAsync, isForm: where.includes('-form') });
    this.active.add(taking);
    await taking.finally(() => this.active.delete(taking));
  }

  private async take(
    pod: Pod,
    server: Server,
    { request, response, isAsync, isForm }: Upload,
  ): Promise<void> {
    const stated = JSON.stringify(request.headers['x-cdi-content-type'] ?? '');
    this.print(server, `Content type header is ${stated}`);
    // Who is refused in the middle still gets an answer: the connection must outlast the reading.
    const bytes: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }),
    };
    const body = isForm ? formFile(request.headers['content-type'] ?? '', bytes) : bytes;
    // From here on nobody waits for an answer: what fails then ends the server.
    const release = () => {
      if (!isAsync || server.state !== 'uploading') return;
      server.state = 'processing';
      this.print(server, 'Returning success to caller, continue processing in background');
      response.end();
    };
    // Who stops sending would be waited for.
    server.ending.signal.addEventListener('abort', () => request.destroy(), { once: true });
    const report = {
      phase: (name: string) => {
        this.print(server, `New phase: ${name}`);
        if (name === 'Preallocate') release();
      },
      // All bytes are in and were judged; of a raw image that is so when next to nothing is left to do.
      converted: release,
    };
    try {
      await saveImage(body, this.target(pod), report, server.ending.signal);
    } catch (error) {
      if (server.ending.signal.aborted) response.destroy();
      else if (server.state === 'processing') this.crash(pod, server, error);
      else this.refuse(server, response, error);
      return;
    }
    this.finish(pod, server);
    if (!response.writableEnded) response.end();
  }

  private crash(pod: Pod, server: Server, error: unknown): void {
    this.print(server, `Error during resumed processing: ${wordsOf(error)}`, 'E');
    server.state = 'waiting';
    this.write(pod, (draft) => endContainer(draft, { exitCode: 1, reason: 'Error' }, now()));
    clock.after(RESTART_MS, () => {
      if (!server.ending.signal.aborted) this.write(pod, (draft) => restartContainer(draft, now()));
    });
  }

  private finish(pod: Pod, server: Server): void {
    server.state = 'done';
    this.print(server, 'Wrote data to /data/disk.img');
    this.print(server, 'Shutting down http server after successful upload');
    const outcome = { exitCode: 0, reason: 'Completed', message: 'Upload Complete' };
    this.write(pod, (draft) => endContainer(draft, outcome, now()));
  }

  /** The server takes the next try: what was there before still is. */
  private refuse(server: Server, response: ServerResponse, error: unknown): void {
    server.state = 'waiting';
    const isFull = /larger than the reported available|no space left on device/.test(wordsOf(error));
    const text = isFull
      ? `effective image size is larger than the reported available storage: ${wordsOf(error)}`
      : wordsOf(error);
    this.print(server, `Saving stream failed: ${text}`, 'E');
    if (response.destroyed || response.headersSent) return;
    const status = isFull || error instanceof FormError ? 400 : 500;
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`Saving stream failed: ${text}`);
  }

  private target(pod: Pod): Target {
    const [name = ''] = claimsOf(pod);
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, pod.metadata.namespace, name);
    if (!claim) throw new Error(`PVC ${name} does not exist`);
    return importJob(this.cluster, this.directory, pod, claim).target;
  }

  private serverOf({ metadata }: Pod): Server {
    const known = this.servers.get(metadata.uid);
    if (known) return known;
    const server: Server = { state: 'waiting', log: [], ending: new AbortController() };
    this.print(server, 'Running server on 0.0.0.0:8443');
    this.servers.set(metadata.uid, server);
    return server;
  }

  private end(uid: string): void {
    this.servers.get(uid)?.ending.abort();
    this.servers.delete(uid);
  }

  private write({ metadata }: Pod, change: (draft: Pod) => void): void {
    this.cluster.update<Pod>('pods', metadata.namespace, metadata.name, (draft) => {
      if (draft.metadata.uid === metadata.uid) change(draft);
    });
  }

  private print({ log }: Server, text: string, level: 'I' | 'W' | 'E' = 'I'): void {
    const time = clock.now().toISOString();
    log.push(
      `${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}       1 uploadserver.go:79] ${text}`,
    );
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
