import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { addressKey, clientAddress, identifySender, isSecure, type TrustedProxies } from './client-address';
import { type ConnectionLimits, checkShape, checkUpgrade } from './limits';
import { Pace } from './pace';
import { isProxyUrl } from './proxy/path';
import { setSecurityHeaders } from './security-headers';
import { SignInRate } from './sign-in-rate';
import { SocketQuota } from './socket-quota';
import type { Refusal } from './status';

/** What every request passes before anybody looks at what it asks for: who sent it, its shape, its rate, its pace. */
export class Front {
  readonly signInRate = new SignInRate();
  private readonly pace: Pace;
  private readonly sockets: SocketQuota;

  constructor(
    private readonly limits: ConnectionLimits,
    private readonly trusted: TrustedProxies,
  ) {
    this.pace = new Pace(limits);
    this.sockets = new SocketQuota(limits.socketsPerAddress);
  }

  /** Prepares the answer to a request; what it returns is the answer already. */
  check(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    identifySender(request, this.trusted);
    // Pace, audit log, proxy and Next each wait for its end.
    response.setMaxListeners(30);
    // A cluster's answer is passed on with its own list of headers, into which these are put (proxy/headers.ts).
    if (!isProxyUrl(request.url ?? '')) setSecurityHeaders(response, isSecure(request));
    this.pace.watch(request, response);
    return checkShape(request, this.limits) ?? this.signInRate.check(request, response);
  }

  checkUpgrade(request: IncomingMessage, socket: Duplex): Refusal | undefined {
    identifySender(request, this.trusted);
    const refusal = checkShape(request, this.limits) ?? checkUpgrade(request);
    if (refusal) return refusal;
    if (this.sockets.take(addressKey(clientAddress(request)), socket)) return undefined;
    return {
      code: 429,
      reason: 'TooManyRequests',
      message: `There are ${this.limits.socketsPerAddress} open sockets from this address already. Close some tabs.`,
    };
  }

  close(): void {
    this.pace.close();
  }
}
