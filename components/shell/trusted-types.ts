/**
 * Runs first in every page, before any other script could: with `require-trusted-types-for 'script'` (proxy.ts) texts no
 * longer become markup or scripts, in our code or any package's, but through this policy. It lets through the two that
 * there are: the chunks of our own build, which the bundler's runtime loads by their address, and the constant by which
 * React makes an inert script element.
 */
export const TRUSTED_TYPES_SCRIPT = [
  'if(self.trustedTypes)trustedTypes.createPolicy("default",{',
  'createScriptURL:u=>{let t=new URL(u,location.href);',
  'return t.origin===location.origin&&t.pathname.startsWith("/_next/static/")?u:null},',
  'createHTML:h=>h==="<script></"+"script>"?h:null',
  '});',
].join('');
