'use client';

import { Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { SerialFacts, SerialScreen } from '@/lib/console/serial-screen';
import type { VncFacts, VncScreen } from '@/lib/console/vnc-screen';
import styles from './console.module.css';

/** The line under the screen: where keys go and how to get them back, what is being typed, and the size. */
export function ConsoleFoot({
  facts,
  takesKeys,
  screen,
}: {
  facts: VncFacts | SerialFacts;
  takesKeys: boolean;
  screen: VncScreen | SerialScreen;
}) {
  const t = useText();
  const { typing, focused } = facts;
  const size =
    'width' in facts
      ? facts.width > 0 && t('consoles.screen.pixels', { width: facts.width, height: facts.height })
      : facts.columns > 0 && t('consoles.screen.size', { columns: facts.columns, rows: facts.rows });
  return (
    <div className={styles.foot}>
      {typing && typing.total > 1 ? (
        <>
          <span>{t('consoles.text.progress', { done: typing.done, total: typing.total })}</span>
          <Button variant="link" isInline size="sm" onClick={() => screen.stopTyping()}>
            {t('consoles.text.stop')}
          </Button>
        </>
      ) : (
        <span className={styles.hint}>
          {takesKeys && t(focused ? 'consoles.screen.hintInside' : 'consoles.screen.hintOutside')}
        </span>
      )}
      {size && <span className="portlight-figures">{size}</span>}
    </div>
  );
}
