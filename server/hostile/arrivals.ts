import type { IncomingMessage } from 'node:http';
import type { Claim } from './requests';

/** Who a request is from, or where it has been: none of it is for a cluster. */
const NOT_FOR_CLUSTERS =
  /^(cookie|forwarded|x-forwarded-.*|x-remote-.*|x-real-ip|x-original-.*|impersonate-.*|proxy-.*|origin|referer|te|trailer|expect|http2-settings|sec-fetch-.*|x-injected)$/;
const REVIEW = /^\/apis\/(authentication|authorization)\.k8s\.io\/v1\/selfsubject(access)?reviews$/;
/** What the server itself reads for live sockets. */
const LIST = /^\/(api\/v1|apis\/[a-z0-9.-]+\/[a-z0-9]+)\/[a-z]+\?[!-~]*$/;

export interface Arrived {
  cluster: string;
  request: IncomingMessage;
}

/** What is wrong with requests that reached a cluster; nothing, if each is its sender's own. */
export class Entitlements {
  private readonly claims = new Map<string, Claim>();
  /** Tokens that somebody really presented as their own, by cluster. */
  private readonly presented = new Map<string, Set<string>>();

  add(claims: readonly Claim[]): void {
    for (const claim of claims) {
      this.claims.set(claim.id, claim);
      for (const [cluster, token] of Object.entries(claim.entitled)) this.present(cluster, token);
    }
  }

  present(cluster: string, token: string): void {
    const known = this.presented.get(cluster) ?? new Set();
    this.presented.set(cluster, known.add(token));
  }

  /** In words, with what arrived; undefined when it was lawful. */
  problemOf({ cluster, request }: Arrived): string | undefined {
    const { url = '', headers, rawHeaders, method } = request;
    const named = headers['x-case'];
    const say = (what: string) => `${what}: ${method} ${url} at ${cluster}, ${JSON.stringify(rawHeaders)}`;
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((it) => it.toLowerCase());
    const leaked = names.find(
      (name) => NOT_FOR_CLUSTERS.test(name.replaceAll('_', '-')) && !this.mayHave(name, request),
    );
    if (leaked) return say(`the header ${leaked} was passed on`);
    if (names.filter((name) => name === 'authorization').length !== 1) return say('not one authorization');
    if (!/^portlight\/\S+( \([^()]*\))?$/.test(headers['user-agent'] ?? '')) return say('wrong user agent');
    const token = (headers.authorization ?? '').replace(/^Bearer /, '');
    return named === undefined
      ? this.ownProblem(cluster, url, token, say)
      : this.claimProblem(String(named), cluster, url, token, say);
  }

  /** The API's WebSockets want an origin, and are given the cluster's own. */
  private mayHave(name: string, { headers }: IncomingMessage): boolean {
    return name === 'origin' && headers.upgrade !== undefined && headers.origin === `https://${headers.host}`;
  }

  private claimProblem(
    id: string,
    cluster: string,
    url: string,
    token: string,
    say: (what: string) => string,
  ) {
    const claim = this.claims.get(id);
    if (!claim) return say('nobody sent this');
    if (claim.entitled[cluster] === undefined) return say('its sender is nobody here');
    if (claim.entitled[cluster] !== token) return say("with somebody else's credentials");
    const [, segment = '', rest = ''] = /^\/api\/k8s\/([^/?]*)(.*)$/s.exec(claim.target.trimEnd()) ?? [];
    if (decodeURIComponent(segment) !== cluster) return say('at another cluster than was asked for');
    const expected = rest.startsWith('/') ? rest : `/${rest}`;
    return url === expected || url === withEscapedQuery(expected)
      ? undefined
      : say(`another path than ${expected}`);
  }

  /** Without a mark it is a request of the server's own, made for somebody who is signed in. */
  private ownProblem(cluster: string, url: string, token: string, say: (what: string) => string) {
    if (!this.presented.get(cluster)?.has(token)) return say('with credentials that nobody presented');
    if (REVIEW.test(url)) return undefined;
    if (!LIST.test(url)) return say('the server asks for no such thing');
    const [, id] = /case=(c?[\w-]+)/.exec(decodeURIComponent(url)) ?? [];
    const claim = id && this.claims.get(id);
    if (claim && claim.entitled[cluster] !== token) return say("a feed with somebody else's credentials");
    return undefined;
  }
}

/** HTTP clients escape quotes and angle brackets in a query, which changes nothing of what it says. */
function withEscapedQuery(target: string): string {
  const question = target.indexOf('?');
  if (question < 0) return target;
  return target.slice(0, question) + new URL(target.slice(question), 'http://any.invalid').search;
}
