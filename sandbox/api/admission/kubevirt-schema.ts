import type { KubeObject } from '../objects';
import { deviations } from '../schema/conformance';
import { goDecodeError } from '../schema/go-decode';
import { normalise } from '../schema/normalise';
import type { Schema } from '../schema/schema-type';
import { denied, deniedPlainly, type WebhookName } from './webhook';

/**
 * What every KubeVirt webhook does first: validates spec and status against its OpenAPI schema (422), then decodes
 * the object into Go structs (400), in whose spelling the mutators write it back.
 * @throws ApiError 422 for required fields and JSON types, 400 for numbers out of range and malformed quantities.
 */
export function checkKubeVirtSchema(
  webhook: WebhookName,
  object: KubeObject,
  schema: Schema,
  struct: string,
): void {
  const { spec: specSchema = {}, status: statusSchema = {} } = schema.properties ?? {};
  const texts = 'spec' in object ? [] : ['spec in body is required'];
  texts.push(...deviations(object.spec, specSchema, 'spec').map(({ message }) => message));
  if (object.status !== undefined && object.status !== null) {
    texts.push(...deviations(object.status, statusSchema, 'status').map(({ message }) => message));
  }
  if (texts.length > 0) {
    throw denied(
      webhook,
      texts.map((message) => ({ message })),
    );
  }
  const error = goDecodeError(object.spec, specSchema, 'spec', struct);
  if (error) throw deniedPlainly(webhook, error);
  normalise(object.spec, specSchema);
}
