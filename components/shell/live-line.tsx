'use client';

import { useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import styles from './shell.module.css';
import { useClusterHealth } from './use-cluster-health';

const TICK_MS = 500;

/** The thin line under the masthead: nothing while live, the truth otherwise. */
export function LiveLine({ cluster }: { cluster: string }) {
  const t = useText();
  const health = useClusterHealth(cluster);
  const [now, setNow] = useState(0);
  const paused = health.state === 'paused';

  useEffect(() => {
    if (!paused) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [paused]);

  if (health.state !== 'paused') return <div className="pf-v6-screen-reader" role="status" />;
  const who = t(`shell.live.${health.silent}`, { cluster });
  const seconds = health.retryAt && now ? Math.max(0, Math.ceil((health.retryAt - now) / 1000)) : 0;
  return (
    <>
      {/* Screen readers hear that it happened, not every second of it. */}
      <div className="pf-v6-screen-reader" role="status">
        {who} {t('shell.live.reconnecting')}
      </div>
      <div className={styles.liveLine} aria-hidden="true" title={health.words}>
        {who} {seconds > 0 ? t('shell.live.reconnectingIn', { seconds }) : t('shell.live.reconnecting')}
      </div>
    </>
  );
}
