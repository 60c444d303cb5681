/** One cause of a refusal, e.g. from an admission webhook. `field` is a path such as `spec.template.spec.domain`. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The `Status` object that the Kubernetes API answers instead of a result. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  status?: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
}

/** A call that the API refused or that never reached it. `code` 0 means: no answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0 when nothing answered. */
    readonly code: number,
    /** The machine-readable reason (`Conflict`, `Forbidden`, …); `Unreachable` when nothing answered. */
    readonly reason: string,
    /** The server's own words. */
    message: string,
    /** What was asked, for the person who reads the error. */
    readonly request: { method: string; path: string },
    readonly causes: StatusCause[] = [],
    /** When the server says that it may be tried again. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  /** A form that survives JSON, for the live socket and for server-rendered pages. */
  toJSON(): ApiErrorJson {
    return {
      code: this.code,
      reason: this.reason,
      message: this.message,
      request: this.request,
      causes: this.causes,
      ...(this.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: this.retryAfterSeconds }),
    };
  }

  static fromJSON(json: ApiErrorJson): ApiError {
    const { code, reason, message, request, causes, retryAfterSeconds } = json;
    return new ApiError(code, reason, message, request, causes, retryAfterSeconds);
  }
}

export interface ApiErrorJson {
  code: number;
  reason: string;
  message: string;
  request: { method: string; path: string };
  causes: StatusCause[];
  retryAfterSeconds?: number;
}

const WEBHOOK_PREFIX = /^admission webhook "[^"]+" denied the request:\s*/;

/** The message without the API server's preamble about which webhook spoke. */
export function plainMessage(message: string): string {
  return message.replace(WEBHOOK_PREFIX, '');
}

/**
 * Reads the body of a failed answer. KubeVirt answers some failures as `Status`, some as bare text, some as JSON
 * inside text, and some with no body at all (shared facts: virt-api's guest handlers and websocket refusals).
 */
export function errorFromBody(
  code: number,
  body: string,
  request: { method: string; path: string },
  /** The `Retry-After` header, which says it where the body is no Status. */
  retryAfter?: string | null,
): ApiError {
  const status = parseStatus(body);
  // A date is the header's other form; the API server and its gateways send seconds.
  const seconds = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  if (status) {
    return new ApiError(
      status.code ?? code,
      status.reason ?? reasonOf(code),
      status.message ?? reasonOf(code),
      request,
      status.details?.causes ?? [],
      status.details?.retryAfterSeconds ?? seconds,
    );
  }
  return new ApiError(code, reasonOf(code), body.trim() || reasonOf(code), request, [], seconds);
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'kind' in parsed && parsed.kind === 'Status'
      ? (parsed as Status)
      : undefined;
  } catch {
    return undefined;
  }
}

const REASONS: Record<number, string> = {
  0: 'Unreachable',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function reasonOf(code: number): string {
  return REASONS[code] ?? `HTTP ${code}`;
}
