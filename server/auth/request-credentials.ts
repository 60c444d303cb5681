import { fingerprint } from '@/lib/auth/ticket';
import type { FromRequest } from './visitor';

/**
 * A program such as kubectl brings its own token where people sign in with tokens. A page of another site cannot: an
 * Authorization header takes a CORS permission that this server never gives.
 */
export const fromRequest: FromRequest = (method, { headers }) => {
  const [, token] = /^Bearer ([\w\-.~+/]+=*)$/.exec(headers.authorization ?? '') ?? [];
  if (method.kind !== 'token' || !token) return undefined;
  return {
    key: fingerprint(token),
    credentials: async () => ({ Authorization: `Bearer ${token}` }),
  };
};
