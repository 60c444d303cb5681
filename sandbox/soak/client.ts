import { Agent, request } from 'undici';

export interface SoakAnswer {
  status: number;
  text: string;
  /** Undefined for anything but JSON. */
  json: Record<string, unknown> | undefined;
}

/** As long as kube-apiserver gives a request (`--request-timeout`). */
const ANSWER_MS = 60_000;

/** Asks the cluster as one user. Every answer is looked at by `judge`. */
export class SoakClient {
  readonly agent: Agent;

  constructor(
    readonly url: string,
    ca: string,
    private readonly token: string,
    private readonly judge: (asked: string, answer: SoakAnswer) => void,
  ) {
    this.agent = new Agent({ connect: { ca }, headersTimeout: 60_000, bodyTimeout: 0 });
  }

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }

  /**
   * `body` is sent as it is when it is a text.
   * @throws when the connection fails or nothing comes for a minute, which no request may bring about.
   */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    headers: Record<string, string> = {},
  ): Promise<SoakAnswer> {
    const answer = await request(this.url + path, {
      // undici knows the methods that HTTP has; the callers use no others.
      method: method as 'GET',
      dispatcher: this.agent,
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        ...this.headers,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type'] ?? '').startsWith('application/json');
    const found = { status: answer.statusCode, text, json: isJson ? JSON.parse(text) : undefined };
    this.judge(`${method} ${path}`, found);
    return found;
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
