'use client';

import type { ReactNode } from 'react';
import { RefusalProvider } from '@/components/access/refusals';
import { NonceProvider } from '@/components/ui/nonce';
import { TextProvider } from '@/components/ui/text';
import { LiveProvider } from '@/lib/live/live-provider';
import type { Theme } from './theme';
import { ThemeProvider } from './theme-provider';

/** What every page may rely on: the catalogue, the CSP nonce, the theme, and one live socket per browser tab. */
export function Providers({
  nonce,
  theme,
  children,
}: {
  nonce: string | undefined;
  theme: Theme;
  children: ReactNode;
}) {
  return (
    <NonceProvider nonce={nonce}>
      <TextProvider>
        <ThemeProvider initial={theme}>
          <LiveProvider>
            <RefusalProvider>{children}</RefusalProvider>
          </LiveProvider>
        </ThemeProvider>
      </TextProvider>
    </NonceProvider>
  );
}
