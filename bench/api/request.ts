import type { ServerResponse } from 'node:http';

/** What has arrived so far; `open` ones are there now. */
export interface Counters {
  connections: number;
  openConnections: number;
  requests: number;
  /** First pages, by plural. */
  lists: Record<string, number>;
  /** Pages, by plural. */
  pages: Record<string, number>;
  listBytes: number;
  watches: Record<string, number>;
  openWatches: number;
  watchBytes: number;
}

export interface Target {
  groupVersion: string;
  plural: string;
  namespace: string;
  name: string;
  subresource: string;
  query: URLSearchParams;
}

const PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

export function targetOf({ pathname, searchParams: query }: URL): Target | undefined {
  const match = PATH.exec(pathname);
  if (!match) return undefined;
  const [, core, groupVersion = core ?? '', namespace = '', plural = '', name = '', subresource = ''] = match;
  return { groupVersion, plural, namespace, name, subresource, query };
}

export function sendJson(response: ServerResponse, code: number, body: object): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
}

export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  sendJson(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  });
}
