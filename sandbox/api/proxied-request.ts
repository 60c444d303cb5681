import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiCall, Reply } from './api-call';
import { ApiError } from './errors';

const METHODS: Record<string, string> = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' };
const ANSWER_MS = 30_000;
/** What belongs to one connection, and what tells who asks: neither goes on. */
const LEFT_OUT =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|authorization|cookie|impersonate-.*)$/i;

/** A stream as the one connection that a request may take. */
class OneConnection extends Agent {
  constructor(private readonly stream: Duplex) {
    super();
  }

  override createConnection(): Duplex {
    return this.stream;
  }
}

/**
 * Passes a call to the subresource `proxy` on, over a connection that stands, and gives back what was answered.
 * @throws ApiError 503 when no answer comes.
 */
export async function passOn({ request, query, headers, body }: ApiCall, stream: Duplex): Promise<Reply> {
  const path = request.rest?.slice('proxy/'.length) ?? '';
  const search = query.size > 0 ? `?${query}` : '';
  const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !LEFT_OUT.test(name)));
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = httpRequest(
        {
          agent: new OneConnection(stream),
          method: METHODS[request.verb] ?? 'GET',
          path: `/${path.split('/').map(encodeURIComponent).join('/')}${search}`,
          headers: { ...sent, host: 'pod', connection: 'close', 'content-length': body.length },
          signal: AbortSignal.timeout(ANSWER_MS),
        },
        resolve,
      );
      call.once('error', reject);
      call.end(body);
    });
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(Buffer.from(part));
    const { 'content-type': contentType = 'text/plain', location } = answer.headers;
    return {
      status: answer.statusCode ?? 502,
      body: Buffer.concat(parts),
      contentType,
      ...(location ? { headers: { location } } : {}),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);
  } finally {
    stream.destroy();
  }
}
