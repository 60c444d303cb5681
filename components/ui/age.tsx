'use client';

import { useEffect, useState } from 'react';
import type { MessageKey } from '@/lib/text';
import { formatAge, formatExactTime } from '@/lib/time';
import { useText } from './text';
import { useFromNow } from './use-now';

/**
 * How long ago something was, with the exact time (in the reader's own zone) on hover: as the bare age, "… ago", or
 * inside a sentence with `{age}`.
 */
export function Age({
  time,
  ago = false,
  sentence = ago ? 'common.ago' : undefined,
}: {
  time: string | undefined | null;
  ago?: boolean;
  sentence?: MessageKey | undefined;
}) {
  const t = useText();
  const age = useFromNow((now) => formatAge(time, now));
  const [exact, setExact] = useState<string>();
  // Only the browser knows the reader's zone.
  useEffect(() => setExact(time ? formatExactTime(time) : undefined), [time]);
  if (!time || age === '') return <span>{t('common.none')}</span>;
  return (
    <time dateTime={time} title={exact} className="portlight-figures" suppressHydrationWarning>
      {sentence ? t(sentence, { age }) : age}
    </time>
  );
}
