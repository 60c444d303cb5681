'use client';

import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import { DARK_CLASS, THEME_COOKIE, type Theme } from './theme';

interface ThemeChoice {
  theme: Theme;
  choose: (theme: Theme) => void;
}

const ThemeContext = createContext<ThemeChoice>({ theme: 'system', choose: () => undefined });

export function useTheme(): ThemeChoice {
  return useContext(ThemeContext);
}

const YEAR_S = 365 * 24 * 3600;

/** Keeps the theme class on <html> in step with the choice and, for `system`, with the system. */
export function ThemeProvider({ initial, children }: { initial: Theme; children: ReactNode }) {
  const [theme, setTheme] = useState(initial);

  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = () =>
      document.documentElement.classList.toggle(
        DARK_CLASS,
        theme === 'dark' || (theme === 'system' && system.matches),
      );
    apply();
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [theme]);

  const choice = useMemo<ThemeChoice>(
    () => ({
      theme,
      choose: (next) => {
        // biome-ignore lint/suspicious/noDocumentCookie: the server reads it to render the right theme; cookieStore is not in every browser
        document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=${YEAR_S}; samesite=lax`;
        setTheme(next);
      },
    }),
    [theme],
  );
  return <ThemeContext value={choice}>{children}</ThemeContext>;
}
