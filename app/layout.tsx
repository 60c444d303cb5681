import '@patternfly/react-core/dist/styles/base.css';
import './global.css';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { FirstScript } from '@/components/shell/first-script';
import { Providers } from '@/components/shell/providers';
import { isTheme, THEME_COOKIE, themeScript } from '@/components/shell/theme';
import { TRUSTED_TYPES_SCRIPT } from '@/components/shell/trusted-types';
import { serverText } from '@/components/ui/server-text';
import { TREE_SCRIPT } from '@/components/vm/tree/tree-script';

export const metadata: Metadata = {
  title: {
    default: serverText('shell.product'),
    template: serverText('shell.titleTemplate', { title: '%s' }),
  },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  const cookie = (await cookies()).get(THEME_COOKIE)?.value;
  const theme = isTheme(cookie) ? cookie : 'system';
  return (
    <html lang="en" className={theme === 'dark' ? 'pf-v6-theme-dark' : undefined} suppressHydrationWarning>
      <head>
        <FirstScript nonce={nonce} text={`${TRUSTED_TYPES_SCRIPT}${TREE_SCRIPT}${themeScript(theme)}`} />
      </head>
      <body>
        <Providers nonce={nonce} theme={theme}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
