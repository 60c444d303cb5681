import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cluster } from '@/lib/auth/cluster';
import type { SignInMethod } from '@/lib/auth/sign-in-method';
import type { Ticket } from '@/lib/auth/ticket';
import type { Visitor } from './visitor';

/** What a request to an endpoint of a method comes with. */
export interface MethodCall {
  request: IncomingMessage;
  response: ServerResponse;
  visitor: Visitor;
  cluster: Cluster;
  /** Where the browser goes afterwards: a path of ours. */
  returnTo: string;
}

/** What one kind of sign-in does besides keeping a ticket. A kind without any of it keeps tokens as they are. */
export interface MethodHandler {
  /** Sends the browser to the provider. */
  start?(call: MethodCall, method: SignInMethod): Promise<void>;
  /** New tokens for a ticket. @throws ApiError 401 when the provider gives none, 5xx when it does not answer. */
  renew?(ticket: Ticket, method: SignInMethod, cluster: Cluster): Promise<Ticket>;
  /** Ends what the provider keeps of the session. Returns where the browser should go to end it there too. */
  signOut?(
    ticket: Ticket,
    method: SignInMethod,
    cluster: Cluster,
    request: IncomingMessage,
  ): Promise<string | undefined>;
}

export type MethodHandlers = Partial<Record<SignInMethod['kind'], MethodHandler>>;
