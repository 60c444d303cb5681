import { type NextRequest, NextResponse } from 'next/server';
import { ADDRESS_HEADER } from '@/lib/session/address';

const developing = process.env.NODE_ENV !== 'production';

/**
 * The content security policy of every page. `style-src-attr 'unsafe-inline'` is the one concession: PatternFly and
 * server rendering write style attributes. Development needs eval and inline styles for Next's overlay.
 */
function contentSecurityPolicy(nonce: string): string {
  const style = developing ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${developing ? " 'unsafe-eval'" : ''}`,
    `style-src ${style}`,
    `style-src-elem ${style}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
    // Next's overlay for developers writes markup as text.
    ...(developing ? [] : ["require-trusted-types-for 'script'", 'trusted-types default']),
  ].join('; ');
}

/**
 * Puts the policy on every page; the other headers are the same for pages and everything else
 * (server/security-headers.ts). Next reads the nonce from the request's own header and stamps its scripts.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set(ADDRESS_HEADER, addressOf(request.nextUrl));
  headers.set('Content-Security-Policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  return response;
}

/** What server components do not know by themselves: which address was asked for, without Next's own marks. */
function addressOf({ pathname, searchParams }: URL): string {
  const query = new URLSearchParams(searchParams);
  query.delete('_rsc');
  return query.size > 0 ? `${pathname}?${query}` : pathname;
}

export const config = { matcher: ['/((?!api/|_next/static|_next/image|favicon.ico|icon.svg).*)'] };
