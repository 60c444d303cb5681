'use client';

import { useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import { useLiveStatus } from '@/lib/live/live-provider';
import styles from './shell.module.css';

const TICK_MS = 500;

/** The thin line under the masthead: nothing while live, the truth otherwise. */
export function LiveLine() {
  const t = useText();
  const { state, retryAt } = useLiveStatus();
  const [now, setNow] = useState(0);
  const paused = state === 'paused';

  useEffect(() => {
    if (!paused) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [paused]);

  const seconds = retryAt && now ? Math.max(0, Math.ceil((retryAt - now) / 1000)) : 0;
  return (
    <>
      {/* Screen readers hear that it happened, not every second of it. */}
      <div className="pf-v6-screen-reader" role="status">
        {paused ? t('shell.live.connecting') : ''}
      </div>
      {paused && (
        <div className={styles.liveLine} aria-hidden="true">
          {seconds > 0 ? t('shell.live.paused', { seconds }) : t('shell.live.connecting')}
        </div>
      )}
    </>
  );
}
