import type { IncomingHttpHeaders } from 'node:http';
import { parseAccept } from './negotiation';

/** How a client wants bodies on the wire. */
export interface WireFormat {
  yaml: boolean;
  /** Indented, for people. */
  pretty: boolean;
  gzip: boolean;
}

/** What answers look like that nobody has chosen the looks of. */
export const PLAIN_FORMAT: WireFormat = { yaml: false, pretty: false, gzip: false };

/** Tools that people read answers with get them indented, unless they say otherwise. */
const READERS = /^(curl|Wget|Mozilla\/5\.0)/;
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

/** Reads Accept, Accept-Encoding, User-Agent and `pretty`, as apiserver's endpoints/handlers do. */
export function wireFormat(headers: IncomingHttpHeaders, url: string): WireFormat {
  const wanted = new URLSearchParams(url.split('?')[1] ?? '').get('pretty');
  return {
    yaml: prefersYaml(headers.accept),
    pretty: wanted ? TRUE.has(wanted) : READERS.test(headers['user-agent'] ?? ''),
    gzip: acceptsGzip(headers['accept-encoding']),
  };
}

function prefersYaml(accept: string | undefined): boolean {
  const first = parseAccept(accept).find(({ type }) => /^(\*|application)\/(\*|json|yaml)$/.test(type));
  return first?.type === 'application/yaml';
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return [header ?? '']
    .flat()
    .some((list) => list.split(',').some((coding) => coding.split(';')[0]?.trim() === 'gzip'));
}
