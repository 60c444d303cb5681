export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** `meta/v1 Status`, the body of every refusal and of some successes. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** A refusal in the API's own words; the HTTP layer sends `status` as it stands. */
export class ApiError extends Error {
  readonly status: Status;
  /** Headers that go with it. */
  headers?: Record<string, string>;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    const head = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
    } as const;
    this.status = details ? { ...head, details, code } : { ...head, code };
  }
}

/** A refusal from before the API: a page of text, without a Status. */
export class PlainError extends Error {
  constructor(
    readonly code: number,
    text: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(text);
    this.name = 'PlainError';
  }
}

/** What a refusal is about: `plural` and `group` as in a resource's registry entry; core is the empty group. */
export interface Named {
  plural: string;
  group: string;
}

/** `virtualmachines.kubevirt.io`; core resources are bare: `pods`. */
export function resourceName({ plural, group }: Named): string {
  return group ? `${plural}.${group}` : plural;
}

/** The details block that names one object; empty strings are left out, as Go's omitempty does. */
export function detailsOf({ plural, group }: Named, name?: string): StatusDetails {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural };
}

/** 400 */
export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** 403; `why` is what follows "is forbidden: ". */
export function forbidden(
  about: Named,
  name: string | undefined,
  why: string,
  causes?: StatusCause[],
): ApiError {
  const subject = name ? `${resourceName(about)} "${name}"` : resourceName(about);
  const details = detailsOf(about, name);
  if (causes) details.causes = causes;
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, details);
}

/** 404 */
export function notFound(about: Named, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${resourceName(about)} "${name}" not found`, detailsOf(about, name));
}

/** 409 on create */
export function alreadyExists(about: Named, name: string): ApiError {
  const message = `${resourceName(about)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, detailsOf(about, name));
}

/** 409 on update; `why` is what follows "Operation cannot be fulfilled on …: ". */
export function conflict(
  about: Named,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): ApiError {
  const message = `Operation cannot be fulfilled on ${resourceName(about)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, detailsOf(about, name));
}

/**
 * 422 in the wording of the apiserver's own validation:
 * `Kind.group "name" is invalid: field: message`, several causes as a bracketed list.
 */
export function invalid(kind: string, group: string, name: string, causes: StatusCause[]): ApiError {
  const texts = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message));
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const subject = group ? `${kind}.${group}` : kind;
  const details: StatusDetails = {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    ...(kind ? { kind } : {}),
    causes,
  };
  return new ApiError(422, 'Invalid', `${subject} "${name}" is invalid: ${text}`, details);
}

/** 500 in the wording of the apiserver. */
export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/**
 * 405 for a verb that a resource does not offer: custom resources say so in a Status, built-in ones have no route for
 * it, and what answers is the router's text.
 */
export function methodNotAllowed(about: Named & { custom?: boolean }, verb: string): ApiError | PlainError {
  if (!about.custom) return new PlainError(405, '405: Method Not Allowed');
  const message = `${verb} is not supported on resources of kind ${JSON.stringify(resourceName(about))}`;
  return new ApiError(405, 'MethodNotAllowed', message, detailsOf(about));
}
