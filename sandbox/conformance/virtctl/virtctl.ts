import assert from 'node:assert/strict';
import { Agent, fetch } from 'undici';
import { WebSocket } from 'ws';
import type { TestSandbox } from '../../testing';
import { eventually } from '../operation';
import { callFailure, dialFailure, VirtctlError } from './failures';

const SUBRESOURCES = '/apis/subresources.kubevirt.io';
/** What client-go accepts unless it is told otherwise. */
const ACCEPT = 'application/json, */*';
const USER_AGENT = 'virtctl/v1.9.0 (linux/amd64) kubernetes/$Format';
const STREAM_PROTOCOL = 'plain.kubevirt.io';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** The kinds that have subresources, as virtctl's paths name them. */
export type Owner = 'virtualmachines' | 'virtualmachineinstances';

/** The calls of virtctl in a namespace of its own, made and understood as it does: by client-go and gorilla/websocket. */
export class Virtctl {
  private constructor(
    readonly sandbox: TestSandbox,
    private readonly agent: Agent,
    private readonly headers: Record<string, string>,
    readonly namespace: string,
  ) {}

  static open(sandbox: TestSandbox): Virtctl {
    const { ca, headers } = sandbox.dialOptions;
    return new Virtctl(sandbox, new Agent({ connect: { ca } }), headers, 'default');
  }

  async in(namespace: string): Promise<Virtctl> {
    await this.sandbox.createNamespace(namespace);
    return new Virtctl(this.sandbox, this.agent, this.headers, namespace);
  }

  /** The same for whoever holds that token. */
  as(token: string): Virtctl {
    return new Virtctl(this.sandbox, this.agent, { authorization: `Bearer ${token}` }, this.namespace);
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  /**
   * One call; `{ns}` stands for the namespace. Objects are sent with a type, the options of subresources (`raw`) without.
   * @returns the object answered, or the text of an answer that is none.
   * @throws VirtctlError
   */
  async call(
    method: Method,
    where: string,
    { body, raw, type = 'application/json' }: { body?: unknown; raw?: object; type?: string } = {},
    // biome-ignore lint/suspicious/noExplicitAny: operations look into objects of every kind.
  ): Promise<any> {
    const content = raw ?? body;
    const response = await fetch(this.sandbox.url + where.replace('{ns}', this.namespace), {
      method,
      dispatcher: this.agent,
      headers: {
        ...this.headers,
        accept: ACCEPT,
        'user-agent': USER_AGENT,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      // As bytes: fetch would add a type to a text.
      ...(content === undefined ? {} : { body: Buffer.from(JSON.stringify(content)) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const contentType = response.headers.get('content-type') ?? '';
    if (!response.ok) throw await this.afterVersion(callFailure(response.status, bytes.toString()));
    if (contentType.startsWith('image/')) return bytes;
    return contentType.includes('json') ? JSON.parse(bytes.toString()) : bytes.toString();
  }

  /** PUT of a subresource; virtctl reads nothing from the answer. */
  async put(owner: Owner, name: string, action: string, options?: object): Promise<void> {
    const answer = await this.call('PUT', subresource(owner, name, action), options ? { raw: options } : {});
    assert.equal(answer, '', 'an answer that has no body');
  }

  /** A request to the upload proxy, for which virtctl has a client of its own. */
  async send(
    url: string,
    options: { method: 'HEAD' | 'POST'; token: string; image?: Buffer },
  ): Promise<{ status: number; text: string }> {
    const { method, token, image } = options;
    const response = await fetch(url, {
      method,
      dispatcher: this.agent,
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': 'Go-http-client/1.1',
        ...(image ? { 'content-type': 'application/octet-stream' } : {}),
      },
      ...(image ? { body: image } : {}),
    });
    return { status: response.status, text: await response.text() };
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above.
  read(owner: Owner, name: string, action: string): Promise<any> {
    return this.call('GET', subresource(owner, name, action));
  }

  /** Opens a stream of bytes as console, vnc, usbredir and port-forward do. @throws VirtctlError */
  async dial(owner: Owner, name: string, action: string): Promise<WebSocket> {
    const where = subresource(owner, name, action).replace('{ns}', this.namespace);
    const socket = new WebSocket(this.sandbox.url.replace('https', 'wss') + where, [STREAM_PROTOCOL], {
      ...this.sandbox.dialOptions,
      headers: { ...this.headers, 'user-agent': USER_AGENT },
    });
    const failure = await new Promise<VirtctlError | undefined>((resolve, reject) => {
      socket.on('open', () => resolve(undefined));
      socket.on('error', reject);
      socket.on('unexpected-response', async (_request, response) => {
        const pieces: Buffer[] = [];
        for await (const piece of response) pieces.push(piece);
        const { statusCode = 0, headers } = response;
        resolve(dialFailure(statusCode, headers['content-type'] ?? '', Buffer.concat(pieces).toString()));
      });
    });
    if (failure) throw await this.afterVersion(failure);
    assert.equal(socket.protocol, STREAM_PROTOCOL);
    return socket;
  }

  /** What virtctl says about a command that must fail. */
  async refused(command: Promise<unknown>): Promise<string> {
    const outcome = await command.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (outcome instanceof VirtctlError) return outcome.message;
    if (outcome) throw outcome;
    throw new assert.AssertionError({ message: 'it was accepted' });
  }

  /** The server's version, by the version of the API that it prefers. */
  async serverVersion(): Promise<string> {
    const group = await this.call('GET', SUBRESOURCES);
    const { gitVersion } = await this.call('GET', `/apis/${group.preferredVersion.groupVersion}/version`);
    return gitVersion;
  }

  /** The object, undefined where there is none. Looks only, as someone who checks what a command did. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async see(where: string): Promise<any> {
    const { status, body } = await this.sandbox.ask('GET', where.replace('{ns}', this.namespace));
    return status === 200 ? body : undefined;
  }

  /** Looks until the object is as wanted. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  until(where: string, isRight: (object: any) => unknown): Promise<any> {
    return eventually(async () => {
      const found = await this.see(where);
      return found && isRight(found) ? found : undefined;
    }, where);
  }

  gone(where: string): Promise<true> {
    return eventually(async () => !(await this.see(where)), `${where} to be gone`);
  }

  /** virtctl looks for the server's version whenever a command failed, to name a mismatch, and goes on without. */
  private async afterVersion(failure: VirtctlError): Promise<VirtctlError> {
    const headers = { ...this.headers, accept: ACCEPT, 'user-agent': USER_AGENT };
    const ask = (where: string) => fetch(this.sandbox.url + where, { dispatcher: this.agent, headers });
    const group = await ask(SUBRESOURCES);
    const body = await group.text();
    if (!group.ok) return failure;
    // virt-api's own description of its group, an APIGroup.
    const { preferredVersion } = JSON.parse(body) as { preferredVersion: { groupVersion: string } };
    await (await ask(`/apis/${preferredVersion.groupVersion}/version`)).text();
    return failure;
  }
}

function subresource(owner: Owner, name: string, action: string): string {
  return `${SUBRESOURCES}/v1/namespaces/{ns}/${owner}/${name}/${action}`;
}
