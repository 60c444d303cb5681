import type { IncomingHttpHeaders } from 'node:http';
import type { UserInfo } from './admission';
import type { ResourceRequest } from './request-path';
import type { ResourceType } from './resource-type';

/** An authenticated and authorized request on a resource of the registry. */
export interface ApiCall {
  request: ResourceRequest;
  type: ResourceType;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  user: UserInfo;
  /** Texts for `Warning: 299` headers, collected on the way. */
  warnings: string[];
}

/** What goes back: an object as JSON, text, bytes, or JSON that is written piece by piece. */
export interface Reply {
  status: number;
  body?: object | string | Buffer | { pieces: Iterable<string> };
  /** Defaults to what the body calls for. */
  contentType?: string;
  headers?: Record<string, string>;
}
