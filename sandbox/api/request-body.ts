import { parseAllDocuments } from 'yaml';
import type { ApiCall } from './api-call';
import { ApiError, badRequest } from './errors';
import { decodeProtobuf } from './protobuf';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const OBJECT_TYPES = ['application/json', 'application/yaml', PROTOBUF];

/** The media type of a body without parameters, in lower case. */
export function mediaType(call: Pick<ApiCall, 'headers'>): string {
  return (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** 415 in the apiserver's words. */
export function unknownFormat(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

/** The object that a request carries, in JSON or YAML, or in protobuf for some built-in kinds. @throws ApiError 400, 415 */
export function parseObjectBody(call: Pick<ApiCall, 'headers' | 'body'>): unknown {
  const type = mediaType(call);
  if (type === 'application/yaml' || type === 'text/yaml' || type === 'application/x-yaml')
    return parseYaml(call.body);
  if (type === '' || type === 'application/json') return parseJson(call.body);
  const decoded = type === PROTOBUF ? decodeProtobuf(call.body) : undefined;
  if (decoded) return decoded;
  throw unknownFormat(OBJECT_TYPES);
}

/** @throws ApiError 400 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

/** @throws ApiError 400 */
export function parseYaml(body: Buffer): unknown {
  const documents = parseAllDocuments(body.toString('utf8'), { merge: true });
  const [first, ...more] = 'empty' in documents ? [] : documents;
  const problem = first?.errors[0];
  if (problem) throw badRequest(`error converting YAML to JSON: yaml: ${problem.message.split('\n')[0]}`);
  if (more.length > 0) throw badRequest('error converting YAML to JSON: more than one document in the body');
  try {
    return first?.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: yaml: ${(error as Error).message}`);
  }
}
