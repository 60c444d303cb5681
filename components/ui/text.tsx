'use client';

import type { ReactNode } from 'react';
import { useMemo } from 'react';
import { IntlProvider, useTranslations } from 'use-intl';
import { messages } from '@/lib/messages/en';
import type { MessageKey, Text } from '@/lib/text';

/** Gives every component below it the catalogue. The catalogue travels as script, once, not inside each page. */
export function TextProvider({ children }: { children: ReactNode }) {
  return (
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      {children}
    </IntlProvider>
  );
}

export type Say = (message: MessageKey | Text, values?: Record<string, string | number>) => string;

/** Returns the function that turns catalogue keys and `Text`s of the rules into sentences. */
export function useText(): Say {
  const translate = useTranslations();
  return useMemo<Say>(() => {
    // use-intl types keys through a global declaration; ours are checked by MessageKey already.
    const say = translate as unknown as (key: string, values?: Record<string, string | number>) => string;
    return (message, values) =>
      typeof message === 'string' ? say(message, values) : say(message.key, { ...message.values, ...values });
  }, [translate]);
}
