import { createTranslator } from 'use-intl/core';
import { messages } from '@/lib/messages/en';
import type { MessageKey } from '@/lib/text';

/** The catalogue for server components: page titles and what is rendered before any script runs. */
export function serverText(key: MessageKey, values?: Record<string, string | number>): string {
  const translate = createTranslator({ locale: 'en', messages }) as unknown as (
    key: string,
    values?: Record<string, string | number>,
  ) => string;
  return translate(key, values);
}
