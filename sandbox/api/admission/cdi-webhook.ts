import { ApiError, type StatusCause } from '../errors';
import type { WebhookName } from './webhook';

/** CDI's refusal: its texts each after a space, so two after the colon, and no `reason`. */
export function deniedByCdi(webhook: WebhookName, causes: StatusCause[]): ApiError {
  const texts = causes.map(({ message }) => ` ${message}`).join('');
  const message = `admission webhook "${webhook}" denied the request: ${texts}`;
  const error = new ApiError(422, '', message, { causes });
  delete error.status.reason;
  return error;
}
