'use client';

import type { ReactNode } from 'react';
import { createContext, useContext } from 'react';

const NonceContext = createContext<string | undefined>(undefined);

export function NonceProvider({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  return <NonceContext value={nonce}>{children}</NonceContext>;
}

/** The page's CSP nonce, for libraries that make style elements (CodeMirror, xterm). */
export function useNonce(): string | undefined {
  return useContext(NonceContext);
}
