import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Answer, TestSandbox } from '../testing';

export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server of this machine, by its paths. */
export class WebServer {
  readonly asked: string[] = [];

  private constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
    private readonly paths: Map<string, Serve>,
  ) {}

  static async start(): Promise<WebServer> {
    const paths = new Map<string, Serve>();
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      web.asked.push(`${request.method} ${pathname}`);
      const serve = paths.get(pathname);
      if (serve) serve(request, response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A TCP server's address has a port.
    const { port } = server.address() as AddressInfo;
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    const web = new WebServer(`http://127.0.0.1:${port}`, close, paths);
    return web;
  }

  /** Serves a file or what a function answers, and returns its address. */
  serve(name: string, what: Buffer | Serve, headers: Record<string, string> = {}): string {
    const answer: Serve = Buffer.isBuffer(what)
      ? (_request, response) => {
          response.writeHead(200, { 'content-length': what.length, ...headers }).end(what);
        }
      : what;
    this.paths.set(`/${name}`, answer);
    return `${this.url}/${name}`;
  }
}

/** DataVolumes of one namespace, and what is on their claims. */
export class TestVolumes {
  constructor(
    private readonly sandbox: TestSandbox,
    readonly namespace: string,
  ) {}

  get volumes(): string {
    return `/apis/cdi.kubevirt.io/v1beta1/namespaces/${this.namespace}/datavolumes`;
  }

  get claims(): string {
    return `/api/v1/namespaces/${this.namespace}/persistentvolumeclaims`;
  }

  create(name: string, spec: object, annotations: Record<string, string> = {}): Promise<Answer> {
    return this.sandbox.ask('POST', this.volumes, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name, annotations },
      spec: { storage: { resources: { requests: { storage: '64Mi' } } }, ...spec },
    });
  }

  get(name: string): Promise<Answer> {
    return this.sandbox.ask('GET', `${this.volumes}/${name}`);
  }

  /** The claim of that name, once there is one. */
  async claim(name: string): Promise<Answer['body']> {
    const answer = await this.sandbox.until(
      () => this.sandbox.ask('GET', `${this.claims}/${name}`),
      ({ status }) => status === 200,
      `there is a claim ${name}`,
    );
    return answer.body;
  }

  until(name: string, isRight: (status: Answer['body']) => boolean, what: string): Promise<Answer> {
    return this.sandbox.until(
      () => this.get(name),
      ({ body }) => isRight(body.status ?? {}),
      `${name} ${what}`,
    );
  }

  untilPhase(name: string, phase: string): Promise<Answer> {
    return this.until(name, (status) => status.phase === phase, `is ${phase}`);
  }

  /** Waits for the sentence that says why an import failed. */
  async untilFailure(name: string): Promise<string> {
    const answer = await this.until(
      name,
      ({ conditions = [] }) => conditions.some((found: Condition) => isFailure(found)),
      'has failed',
    );
    return answer.body.status.conditions.find(isFailure).message;
  }

  /** `reason: message` of the events of an object. */
  async events(name: string, kind = 'DataVolume'): Promise<string[]> {
    const selector = `involvedObject.name=${name},involvedObject.kind=${kind}`;
    const { body } = await this.sandbox.ask(
      'GET',
      `/api/v1/namespaces/${this.namespace}/events?fieldSelector=${selector}`,
    );
    return body.items.map(
      (event: { reason: string; message: string }) => `${event.reason}: ${event.message}`,
    );
  }

  /** The file behind a bound claim. */
  async file(name: string): Promise<string> {
    const { spec } = await this.claim(name);
    return path.join(this.sandbox.directory, 'disks', `${spec.volumeName}.img`);
  }

  /** The importer's pod of a claim that a populator fills. */
  async importer(name: string): Promise<string> {
    const { metadata } = await this.claim(name);
    return `/api/v1/namespaces/${this.namespace}/pods/importer-prime-${metadata.uid}`;
  }
}

interface Condition {
  type: string;
  reason?: string;
  message: string;
}

function isFailure({ type, reason }: Condition): boolean {
  return type === 'Running' && reason === 'Error';
}

/** SHA-256 of the first `bytes` of a file, all of it when none are named. */
export async function hashOf(file: string, bytes?: number): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, bytes === undefined ? {} : { end: bytes - 1 }), hash);
  return hash.digest('hex');
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A disk of `bytes` with data at its beginning, middle and end, and holes between. */
export function testDisk(bytes: number, seed = 1): Buffer {
  const disk = Buffer.alloc(bytes);
  let state = seed;
  const fill = (from: number, length: number) => {
    for (let at = from; at < from + length; at += 4) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      disk.writeUInt32LE(state, at);
    }
  };
  const part = Math.floor(bytes / 16 / 4096) * 4096;
  fill(0, part);
  fill(Math.floor(bytes / 2 / 4096) * 4096, part);
  fill(bytes - part, part);
  return disk;
}
