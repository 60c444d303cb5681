/** Why a command of virtctl failed, in the words that it shows. */
export class VirtctlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What client-go says where the server says nothing of its own. Mirrors NewGenericServerResponse. */
const GENERIC: Record<number, string> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  406: 'the server was unable to respond with a content type that the client supports',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
};

/** The failure of a call: the server's own words where it answers a Status, else client-go's for the code. */
export function callFailure(status: number, text: string): VirtctlError {
  const said = messageOf(text);
  if (said) return new VirtctlError(status, said);
  const generic =
    status >= 500
      ? `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`
      : `the server responded with the status code ${status} but did not return more information`;
  return new VirtctlError(status, GENERIC[status] ?? generic);
}

/** The failure to open a stream: virtctl has words of its own for two codes, and else shows the server's. */
export function dialFailure(status: number, contentType: string, text: string): VirtctlError {
  if (status === 404) return new VirtctlError(status, 'Virtual Machine not found.');
  if (status === 500) return new VirtctlError(status, 'Websocket failed due to internal server error.');
  const said = contentType === 'application/json' ? messageOf(text) : undefined;
  const handshake = `Can't connect to websocket (${status}): websocket: bad handshake`;
  return new VirtctlError(status, said ?? handshake);
}

function messageOf(text: string): string | undefined {
  try {
    const { kind, message } = JSON.parse(text);
    return kind === 'Status' ? message : undefined;
  } catch {
    return undefined;
  }
}
