import type { IncomingHttpHeaders } from 'node:http';
import type { UserInfo } from '../admission';
import type { Authenticator, ClientCertificate } from '../authentication';
import { type Attributes, type Authorize, accessDenied } from '../authorization';
import { readImpersonation } from './impersonation';

interface Asking {
  headers: IncomingHttpHeaders;
  certificate?: ClientCertificate;
  path: string;
}

/** Who asks, and whether they may. */
export class Identities {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly authorize: Authorize,
  ) {}

  /**
   * The user that a request acts as.
   * @throws ApiError 401 for credentials that nobody holds, 403 for somebody who may not act as another; PlainError 500.
   */
  async identify({ headers, certificate, path }: Asking): Promise<UserInfo> {
    const user = await this.authenticator.authenticate(headers, certificate);
    const wanted = readImpersonation(headers, path);
    if (!wanted) return user;
    for (const need of wanted.needs) this.requireAccess(user, need);
    return wanted.user;
  }

  /** @throws ApiError 403 */
  requireAccess(user: UserInfo, attributes: Attributes): void {
    const { allowed, reason } = this.authorize(user, attributes);
    if (!allowed) throw accessDenied(user, attributes, reason);
  }
}
