import { ApiError, badRequest, conflict, internalError, notFound } from '../api/errors';
import type { SubresourceReply } from '../api/subresource';

/** virt-api names its resources in the singular, unlike the apiserver. */
export const VM = { plural: 'virtualmachine', group: 'kubevirt.io' };
export const VMI = { plural: 'virtualmachineinstance', group: 'kubevirt.io' };

export const refuse = {
  vmConflict: (name: string, why: string) => conflict(VM, name, why),
  vmiConflict: (name: string, why: string) => conflict(VMI, name, why),
  vmMissing: (name: string) => notFound(VM, name),
  vmiMissing: (name: string) => notFound(VMI, name),
  badRequest,
  internalError,
  forbidden: (why: string) => new ApiError(403, 'Forbidden', why),
};

/** What virt-api itself carries out. */
export const ACCEPTED: SubresourceReply = { status: 202 };
/** What virt-api hands on to virt-handler. */
export const DONE: SubresourceReply = { status: 200 };

export function jsonReply(body: object): SubresourceReply {
  return { status: 200, body, contentType: 'application/json' };
}

/** A refusal as a Status. */
export function statusReply(error: ApiError): SubresourceReply {
  return { status: error.status.code, body: error.status, contentType: 'application/json' };
}

/** A refusal of the guest handlers, which write every failure as plain text. */
export function textReply(error: Error): SubresourceReply {
  return { status: 500, body: error.message, contentType: 'text/plain; charset=utf-8' };
}

/** The answer to a console path that was asked for without an upgrade. */
export function notWebSocket(): SubresourceReply {
  const what =
    "websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header";
  const body = `Bad Request\n${JSON.stringify(badRequest(what).status, undefined, 1)}`;
  return { status: 400, body, contentType: 'text/plain; charset=utf-8' };
}

/** go-restful's answer to a path that no route serves. */
export const NOT_ROUTED: SubresourceReply = {
  status: 404,
  body: '404: Page Not Found',
  contentType: 'text/plain; charset=utf-8',
};

/** What virt-api says when virt-handler failed. */
export function handlerFailure(message: string, code = '500 (500 Internal Server Error)'): ApiError {
  return internalError(`unexpected return code ${code}, message: ${message}`);
}
