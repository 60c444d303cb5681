import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';

/** What can go wrong between the console and an identity provider, as far as the remedies differ. */
export type ProviderProblem =
  /** No answer, or one that is none (a 503, a page). */
  | 'provider-unreachable'
  /** Its certificate is not vouched for by anybody whom the console trusts. */
  | 'provider-untrusted'
  /** It speaks for another issuer, or lacks what signing in takes. */
  | 'provider-misconfigured'
  /** It does not know the console's client, or the secret is another one. */
  | 'client-refused'
  /** The person, or a rule of the provider, said no. */
  | 'consent-denied'
  /** Nobody began this sign-in in this browser lately. */
  | 'attempt-unknown'
  /** The code was used already or is too old; in a renewal: the session at the provider is over. */
  | 'grant-refused'
  /** The token is not valid yet or not any more: the clocks differ. */
  | 'clock-skew'
  /** The token is not what it should be: another issuer, audience, signature, nonce. */
  | 'token-invalid'
  /** Anything else that it says no to. */
  | 'provider-refused';

const SENTENCES: Record<ProviderProblem, string> = {
  'provider-unreachable': 'The identity provider does not answer.',
  'provider-untrusted': "The identity provider's certificate is not trusted.",
  'provider-misconfigured': 'The identity provider is not what the configuration says.',
  'client-refused': "The identity provider does not accept the console's client id or secret.",
  'consent-denied': 'The identity provider was told not to let the console know who this is.',
  'attempt-unknown': 'This sign-in was not begun in this browser, or too long ago.',
  'grant-refused': 'The identity provider has ended this sign-in.',
  'clock-skew':
    "The clocks of the console and the identity provider differ too much for the provider's tokens.",
  'token-invalid': "The identity provider's token is not valid.",
  'provider-refused': 'The identity provider refused.',
};

/** An identity provider did not give what was asked for. The message is a sentence; `said` are the provider's words. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';

  constructor(
    readonly problem: ProviderProblem,
    /** In the provider's or the system's own words; never a token. */
    readonly said?: string,
    options?: ErrorOptions,
  ) {
    super(said ? `${SENTENCES[problem]} (${said})` : SENTENCES[problem], options);
  }
}

/** Makes a ProviderError of what openid-client or fetch threw. */
export function providerError(cause: unknown): ProviderError {
  if (cause instanceof ProviderError) return cause;
  if (cause instanceof AuthorizationResponseError) {
    const problem = cause.error === 'access_denied' ? 'consent-denied' : 'provider-refused';
    return new ProviderError(problem, worded(cause.error, cause.error_description), { cause });
  }
  if (cause instanceof ResponseBodyError) {
    return new ProviderError(problemOfBody(cause.error), worded(cause.error, cause.error_description), {
      cause,
    });
  }
  if (cause instanceof WWWAuthenticateChallengeError) {
    return new ProviderError('client-refused', `status ${cause.status}`, { cause });
  }
  if (cause instanceof ClientError) return fromClientError(cause);
  return fromSystem(cause);
}

function problemOfBody(error: string): ProviderProblem {
  if (error === 'invalid_client' || error === 'unauthorized_client') return 'client-refused';
  return error === 'invalid_grant' ? 'grant-refused' : 'provider-refused';
}

function fromClientError(error: ClientError): ProviderError {
  const { cause } = error;
  // What happened below openid-client lies one or two levels down.
  if (error.message === 'something went wrong' && cause !== undefined) return providerError(cause);
  const said = cause instanceof Error && cause.message ? cause.message : error.message;
  switch (error.code) {
    case 'OAUTH_TIMEOUT':
    case 'OAUTH_ABORT':
      return new ProviderError('provider-unreachable', 'no answer in time', { cause: error });
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return fromResponse(error);
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
    case 'OAUTH_PARSE_ERROR':
      return new ProviderError('provider-unreachable', 'its answer is no JSON', { cause: error });
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return new ProviderError('clock-skew', said, { cause: error });
    case 'OAUTH_INVALID_RESPONSE':
      return new ProviderError(/"state"/.test(said) ? 'attempt-unknown' : 'token-invalid', said, {
        cause: error,
      });
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
    case 'OAUTH_MISSING_SERVER_METADATA':
    case 'OAUTH_INVALID_SERVER_METADATA':
    case 'OAUTH_HTTP_REQUEST_FORBIDDEN':
    case 'OAUTH_REQUEST_PROTOCOL_FORBIDDEN':
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return new ProviderError('provider-misconfigured', said, { cause: error });
    default:
      return new ProviderError('token-invalid', said, { cause: error });
  }
}

function fromResponse(error: ClientError): ProviderError {
  const status = error.cause instanceof Response || hasStatus(error.cause) ? error.cause.status : undefined;
  // Some providers answer a wrong secret with a bare 401.
  const problem = status === 401 ? 'client-refused' : 'provider-unreachable';
  return new ProviderError(problem, status === undefined ? undefined : `status ${status}`, { cause: error });
}

const hasStatus = (value: unknown): value is { status: number } =>
  typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number';

/** Errors of OpenSSL and Node about certificates. */
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|ERR_TLS_/;

function fromSystem(thrown: unknown): ProviderError {
  let cause = thrown;
  while (cause instanceof Error && !('code' in cause && typeof cause.code === 'string') && cause.cause) {
    cause = cause.cause;
    if (cause instanceof ProviderError) return cause;
  }
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const said = code || (cause instanceof Error ? cause.message : String(cause));
  return new ProviderError(CERTIFICATE.test(code) ? 'provider-untrusted' : 'provider-unreachable', said, {
    cause: thrown,
  });
}

function worded(error: string, description: string | undefined): string {
  return description ? `${error}: ${description}` : error;
}
