export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_COOKIE = 'theme';
export const DARK_CLASS = 'pf-v6-theme-dark';

export function isTheme(value: string | undefined): value is Theme {
  return THEMES.some((theme) => theme === value);
}

/** Runs in <head> before the first paint, so that a page never flashes in the wrong theme. */
export function themeScript(theme: Theme): string {
  return theme === 'system'
    ? `if(matchMedia('(prefers-color-scheme: dark)').matches)document.documentElement.classList.add('${DARK_CLASS}')`
    : '';
}
