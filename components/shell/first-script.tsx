'use client';

/**
 * A script that runs as the page's HTML is read, before anything else and before the first paint. Only the server writes
 * its text: where Next answers without our layout and the browser renders it (notFound() in a route), a script made by
 * React would not run anyway, and Trusted Types would refuse its text.
 */
export function FirstScript({ nonce, text }: { nonce: string | undefined; text: string }) {
  return (
    <script
      nonce={nonce}
      suppressHydrationWarning
      // biome-ignore lint/security/noDangerouslySetInnerHtml: our own constants
      dangerouslySetInnerHTML={{ __html: typeof window === 'undefined' ? text : '' }}
    />
  );
}
