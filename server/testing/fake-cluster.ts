import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import './reflect-metadata';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const DAY_MS = 86_400_000;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** A TLS server in the place of a Kubernetes API, whose answers each test decides, and a kubeconfig that names it. */
export class FakeCluster {
  answer: Answer = (_, response) => response.end('{}');
  upgrade: Upgrade = (_, socket) => socket.destroy();
  /** Every request that arrived, upgrades included. */
  readonly seen: IncomingMessage[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly kubeconfig: string,
    readonly url: string,
  ) {
    server.on('request', (request, response) => {
      this.seen.push(request);
      this.answer(request, response);
    });
    server.on('upgrade', (request, socket: Socket, head) => {
      this.seen.push(request);
      socket.on('error', () => undefined);
      this.upgrade(request, socket, head);
    });
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(): Promise<FakeCluster> {
    const { cert, key } = await selfSigned();
    const server = createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = path.join(mkdtempSync(path.join(tmpdir(), 'portlight-')), 'kubeconfig');
    const cluster = (ca?: string) => ({
      server: url,
      ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
    });
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'fake',
        clusters: [
          { name: 'fake', cluster: cluster(cert) },
          { name: 'untrusted', cluster: cluster() },
          { name: 'nowhere', cluster: { server: 'https://127.0.0.1:1' } },
        ],
        users: [{ name: 'dana', user: { token: 'danas-token' } }],
        contexts: ['fake', 'untrusted', 'nowhere'].map((name) => ({
          name,
          context: { cluster: name, user: 'dana' },
        })),
      }),
    );
    return new FakeCluster(server, kubeconfig, url);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(path.dirname(this.kubeconfig), { recursive: true, force: true });
  }
}

/** A certificate for 127.0.0.1 that ends tomorrow, and its key, both PEM. */
export async function selfSigned(name = 'fake-cluster'): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + DAY_MS),
      keys: keys as CryptoKeyPair,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true),
        new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
      ],
    },
    webcrypto as Crypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const body = pkcs8.replaceAll(/.{64}/g, '$&\n');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
  };
}
