/**
 * Runs first in every page, before any other script could: with `require-trusted-types-for 'script'` (proxy.ts) texts no
 * longer become markup or scripts, in our code or any package's, but through this policy. It lets through the two that
 * there are: the chunks of our own build, which the bundler's runtime loads by their address, and the constant by which
 * React makes an inert script element (or empties one).
 */
export const TRUSTED_TYPES_SCRIPT = [
  'if(self.trustedTypes&&!trustedTypes.defaultPolicy)trustedTypes.createPolicy("default",{',
  'createScriptURL:u=>{let t=new URL(u,location.href);',
  'return t.origin===location.origin&&t.pathname.startsWith("/_next/static/")?u:null},',
  'createHTML:h=>h===""||h==="<script></"+"script>"?h:null',
  '});',
].join('');

interface TrustedTypes {
  defaultPolicy: unknown;
  createPolicy(name: string, rules: Record<string, (text: string) => string | null>): void;
}

/** The same as a function, for where no script of ours stands in the page's head; does nothing after the other. */
export function allowOwnScripts(): void {
  // TypeScript's DOM has no Trusted Types yet.
  const { trustedTypes } = self as unknown as { trustedTypes?: TrustedTypes };
  if (!trustedTypes || trustedTypes.defaultPolicy) return;
  trustedTypes.createPolicy('default', {
    createScriptURL: (address) => {
      const { origin, pathname } = new URL(address, location.href);
      return origin === location.origin && pathname.startsWith('/_next/static/') ? address : null;
    },
    createHTML: (html) => (html === '' || html === '<script></script>' ? html : null),
  });
}
