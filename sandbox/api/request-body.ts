import { parseAllDocuments } from 'yaml';
import type { ApiCall } from './api-call';
import { duplicateJsonFields, duplicateYamlKeys } from './duplicate-fields';
import { ApiError, badRequest } from './errors';
import { goJsonError } from './go-json-error';
import { decodeProtobuf } from './protobuf';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const OBJECT_TYPES = ['application/json', 'application/yaml', PROTOBUF];

const YAML_TYPES = new Set(['application/yaml', 'text/yaml', 'application/x-yaml']);

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
  if (YAML_TYPES.has(type)) return parseYaml(call.body);
  if (type === '' || type === 'application/json') return parseJson(call.body);
  const decoded = type === PROTOBUF ? decodeProtobuf(call.body) : undefined;
  if (decoded) return decoded;
  throw unknownFormat(OBJECT_TYPES);
}

/** What strict decoding finds in a body that parses: fields that come twice, in JSON by path and in YAML by line. */
export function strictFindings(call: Pick<ApiCall, 'headers' | 'body'>): string[] {
  const type = mediaType(call);
  if (type === PROTOBUF) return [];
  const text = call.body.toString('utf8');
  if (!YAML_TYPES.has(type)) return duplicateJsonFields(text);
  const found = duplicateYamlKeys(text);
  return found === undefined ? [] : [found];
}

/** `failing` is what the refusal begins with. @throws ApiError 400 */
export function parseJson(body: Buffer, failing = "couldn't get version/kind; json parse error"): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = goJsonError(text) ?? (error as Error).message;
    throw badRequest(failing ? `${failing}: ${why}` : why);
  }
}

/** @throws ApiError 400 */
export function parseYaml(body: Buffer): unknown {
  const documents = parseAllDocuments(body.toString('utf8'), { merge: true, uniqueKeys: false });
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
