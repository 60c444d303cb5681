import { ApiError } from './errors';

export interface Representation {
  as: 'object' | 'table' | 'partial';
  format: 'json' | 'yaml';
}

const ACCEPTED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

export interface MediaRange {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

/** The ranges of an Accept header, most wanted first. */
export function parseAccept(header: string | undefined): MediaRange[] {
  const ranges = (header ?? '*/*')
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean)
    .map((range) => {
      const [type = '', ...rest] = range.split(';').map((part) => part.trim());
      const parameters = Object.fromEntries(rest.map((part) => part.split('=', 2) as [string, string]));
      const quality = Number(parameters.q ?? 1);
      return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
    });
  return ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}

/**
 * The representation that the client likes best among those there are. Protobuf is passed over: clients that ask for
 * it name JSON next.
 * @throws ApiError 406
 */
export function negotiate(accept: string | undefined, { transforms = true } = {}): Representation {
  for (const { type, parameters } of parseAccept(accept)) {
    const format = formatOf(type);
    if (!format) continue;
    const { as, g: group } = parameters;
    if (!as) return { as: 'object', format };
    if (!transforms || group !== 'meta.k8s.io' || parameters.v !== 'v1') continue;
    if (as === 'Table') return { as: 'table', format };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
      return { as: 'partial', format };
  }
  throw new ApiError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${ACCEPTED.join(', ')}`,
  );
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}
