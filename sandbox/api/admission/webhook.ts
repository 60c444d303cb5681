import { ApiError, type StatusCause } from '../errors';

/**
 * The full name of a webhook, which is part of every refusal: KubeVirt and CDI name one per kind and operation, such as
 * `virtualmachine-validator.kubevirt.io` and `virtualmachinesnapshot-validator.snapshot.kubevirt.io`.
 */
export type WebhookName = `${string}.kubevirt.io`;

const MAX_CAUSES_IN_MESSAGE = 10;

const prefix = (webhook: WebhookName) => `admission webhook "${webhook}" denied the request: `;

/** What kube-apiserver relays of KubeVirt's refusal by causes: 422, the texts joined by ", ". */
export function denied(webhook: WebhookName, causes: StatusCause[]): ApiError {
  const texts = causes.slice(0, MAX_CAUSES_IN_MESSAGE).map((cause) => cause.message);
  const rest = causes.length - texts.length;
  if (rest > 0) texts.push(`and ${rest} more validation errors`);
  return new ApiError(422, 'Invalid', prefix(webhook) + texts.join(', '), { causes });
}

/** KubeVirt's refusal by a plain error: 400 as a rule and, unlike every other refusal, no `reason`. */
export function deniedPlainly(webhook: WebhookName, message: string, code = 400): ApiError {
  const error = new ApiError(code, '', prefix(webhook) + message);
  delete error.status.reason;
  return error;
}
