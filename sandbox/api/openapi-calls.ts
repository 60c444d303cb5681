import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './api-call';
import { ApiError } from './errors';
import { parseAccept } from './negotiation';
import { encodeProtobuf } from './protobuf-encode';
import { DOCUMENT } from './schema/gnostic-messages';
import type { OpenApi } from './schema/openapi';
import { swaggerOf } from './schema/openapi-v2';
import { notFoundPage } from './subresource-calls';

const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** Both spellings are in use: the one with @ is no valid media type, and what clients ask for. */
const SWAGGER_PROTOBUFS = [SWAGGER_PROTOBUF, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'];
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

interface SwaggerTexts {
  generation: number;
  json: Buffer;
  hash: string;
  protobuf?: Buffer;
}

/** The endpoints below `/openapi`, with what lets clients keep copies. */
export class OpenApiCalls {
  private swagger: SwaggerTexts | undefined;

  constructor(private readonly openapi: OpenApi) {}

  /** @throws ApiError 406 for representations that there are not. */
  answer(path: string, query: URLSearchParams, headers: IncomingHttpHeaders): Reply {
    if (path === '/openapi/v2') return this.version2(headers);
    if (path === '/openapi/v3' || path === '/openapi/v3/') {
      return conditional(headers, {
        status: 200,
        body: this.openapi.index(),
        contentType: 'text/plain; charset=utf-8',
      });
    }
    return this.version3(path.slice('/openapi/v3/'.length), query, headers);
  }

  private version3(path: string, query: URLSearchParams, headers: IncomingHttpHeaders): Reply {
    const document = this.openapi.document(path);
    if (!document) return notFoundPage();
    if (!accepts(headers.accept, ['application/json'])) throw notAcceptable('application/json');
    const { text, hash } = document;
    const wanted = query.get('hash');
    if (wanted && wanted !== hash) {
      return { status: 301, body: '', headers: { Location: `/openapi/v3/${path}?hash=${hash}` } };
    }
    const kept = wanted
      ? {
          Vary: 'Accept',
          'Cache-Control': 'public, immutable',
          Expires: new Date(Date.now() + YEAR_MS).toUTCString(),
        }
      : undefined;
    return conditional(
      headers,
      { status: 200, body: text, contentType: 'application/json', ...(kept ? { headers: kept } : {}) },
      hash,
    );
  }

  private version2(headers: IncomingHttpHeaders): Reply {
    const swagger = this.texts();
    const protobuf = accepts(headers.accept, SWAGGER_PROTOBUFS, false);
    if (!protobuf && !accepts(headers.accept, ['application/json'])) {
      throw notAcceptable(`application/json, ${SWAGGER_PROTOBUF}`);
    }
    if (protobuf) {
      swagger.protobuf ??= encodeProtobuf(JSON.parse(swagger.json.toString('utf8')), DOCUMENT);
    }
    const body = protobuf && swagger.protobuf ? swagger.protobuf : swagger.json;
    const contentType = protobuf ? SWAGGER_PROTOBUF : 'application/json';
    return conditional(
      headers,
      { status: 200, body, contentType, headers: { Vary: 'Accept' } },
      swagger.hash,
    );
  }

  private texts(): SwaggerTexts {
    const generation = this.openapi.generation();
    if (this.swagger?.generation !== generation) {
      const json = Buffer.from(JSON.stringify(swaggerOf(this.openapi.all())));
      const hash = createHash('sha512').update(json).digest('hex').toUpperCase();
      this.swagger = { generation, json, hash };
    }
    return this.swagger;
  }
}

/** 304 where the client has the same already. */
function conditional(headers: IncomingHttpHeaders, reply: Reply, hash?: string): Reply {
  const name = hash ?? createHash('sha512').update(String(reply.body)).digest('hex').toUpperCase();
  const etag = `"${name}"`;
  const known = (headers['if-none-match'] ?? '').split(',').some((one) => one.trim() === etag);
  const sent = { ...reply.headers, ETag: etag };
  return known ? { status: 304, headers: sent } : { ...reply, headers: sent };
}

function accepts(header: string | undefined, types: string[], byDefault = true): boolean {
  for (const { type } of parseAccept(header)) {
    if (types.includes(type)) return true;
    if (type === '*/*' || type === 'application/*') return byDefault;
  }
  return false;
}

function notAcceptable(types: string): ApiError {
  return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
}
