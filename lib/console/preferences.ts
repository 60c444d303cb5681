/** How this browser likes its consoles. */
export interface Preferences {
  /** The guest's screen is scaled to the window; else one of its pixels is one of the page's. */
  scale: boolean;
  /** Of the terminal, CSS pixels. */
  fontSize: number;
  screenReader: boolean;
}

export const FONT_MIN = 9;
export const FONT_MAX = 28;

const KEY = 'portlight.console';
const DEFAULTS: Preferences = { scale: true, fontSize: 14, screenReader: false };

/** The remembered preferences; the defaults where there are none, or where storage is not allowed. */
export function readPreferences(storage: () => Storage = () => localStorage): Preferences {
  try {
    const stored: unknown = JSON.parse(storage().getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return DEFAULTS;
    const { scale, fontSize, screenReader } = stored as Partial<Record<keyof Preferences, unknown>>;
    return {
      scale: typeof scale === 'boolean' ? scale : DEFAULTS.scale,
      fontSize:
        typeof fontSize === 'number' && fontSize >= FONT_MIN && fontSize <= FONT_MAX
          ? fontSize
          : DEFAULTS.fontSize,
      screenReader: typeof screenReader === 'boolean' ? screenReader : DEFAULTS.screenReader,
    };
  } catch {
    return DEFAULTS;
  }
}

export function writePreferences(change: Partial<Preferences>, storage: () => Storage = () => localStorage) {
  try {
    storage().setItem(KEY, JSON.stringify({ ...readPreferences(storage), ...change }));
  } catch {
    // Private windows may refuse storage; the preference then lasts as long as the page.
  }
}
