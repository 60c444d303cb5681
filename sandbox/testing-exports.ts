import { request } from 'node:https';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { WebSocket } from 'ws';
import type { TestSandbox } from './testing';

export interface Downloaded {
  status: number;
  body: Buffer;
  headers: Record<string, unknown>;
}

/** An export that is ready, as `virtctl vmexport download --port-forward` reaches it. */
export class ReadyExport {
  private constructor(
    private readonly sandbox: TestSandbox,
    private readonly namespace: string,
    private readonly name: string,
    /** PEM of who vouches for the exporter. */
    private readonly cert: string,
    readonly token: string,
    /** Where pods of the cluster find it. */
    readonly serviceName: string,
  ) {}

  static async of(
    sandbox: TestSandbox,
    namespace: string,
    name: string,
    source: { apiGroup: string; kind: string; name: string },
  ): Promise<ReadyExport> {
    const exports = `/apis/export.kubevirt.io/v1/namespaces/${namespace}/virtualmachineexports`;
    await sandbox.ask('POST', exports, {
      apiVersion: 'export.kubevirt.io/v1',
      kind: 'VirtualMachineExport',
      metadata: { name },
      spec: { source },
    });
    const { body } = await sandbox.until(
      () => sandbox.ask('GET', `${exports}/${name}`),
      (answer) => answer.body.status?.phase === 'Ready',
      `the export ${name} is ready`,
    );
    const { tokenSecretRef, links, serviceName } = body.status;
    const secret = await sandbox.ask('GET', `/api/v1/namespaces/${namespace}/secrets/${tokenSecretRef}`);
    const token = Buffer.from(secret.body.data.token, 'base64').toString();
    return new ReadyExport(sandbox, namespace, name, links.internal.cert, token, serviceName);
  }

  /**
   * Asks for something, with the token unless other headers are given; hangs up after `atMost` bytes. With a `host`
   * straight, without the port-forward.
   */
  get(
    where: string,
    headers: Record<string, string> = { 'x-kubevirt-export-token': this.token },
    atMost = Number.POSITIVE_INFINITY,
    host?: string,
  ): Promise<Downloaded> {
    return new Promise((resolve, reject) => {
      const servername = `${this.serviceName}.${this.namespace}.svc`;
      const way = host === undefined ? { socket: this.forwarded() } : { host, port: 443 };
      const tls = connect({ ...way, ca: this.cert, servername });
      tls.on('error', reject);
      const asked = request({ path: where, headers, createConnection: () => tls }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const finish = () => {
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, body: Buffer.concat(chunks), headers: answered });
          tls.destroy();
        };
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes >= atMost) finish();
        });
        response.on('end', finish);
        response.on('error', () => {});
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  /** A stream to the exporter's port, through the port-forward of its pod. */
  private forwarded(): Duplex {
    const { url, dialOptions } = this.sandbox;
    const pod = `/api/v1/namespaces/${this.namespace}/pods/virt-export-${this.name}`;
    const where = `${url.replace('https', 'wss')}${pod}/portforward?ports=8443`;
    const socket = new WebSocket(where, 'v4.channel.k8s.io', dialOptions);
    const isOpen = new Promise((resolve) => socket.once('open', resolve));
    const stream = new Duplex({
      read() {},
      write(chunk, _, done) {
        void isOpen.then(() => socket.send(Buffer.concat([Buffer.from([0]), chunk]), () => done()));
      },
      final(done) {
        socket.close();
        done();
      },
    });
    // Each channel begins with the port's number.
    let greeted = false;
    socket.on('message', (message: Buffer) => {
      if (message[0] !== 0) return;
      if (greeted) stream.push(message.subarray(1));
      greeted = true;
    });
    socket.on('close', () => stream.push(null));
    return stream;
  }
}
