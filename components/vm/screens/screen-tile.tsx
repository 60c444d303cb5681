'use client';

import Link from 'next/link';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import { plainMessage } from '@/lib/k8s/error';
import { checkOf, refusalOf } from '@/lib/kinds/abilities';
import type { ActionAccess } from '@/lib/kinds/action';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { Screen, ScreenRefresher } from '@/lib/live/screen-refresher';
import { useAccess } from '@/lib/live/use-access';
import { paths } from '@/lib/paths';
import { VmStatusLabel } from '../vm-status';
import styles from './screens.module.css';

/** The API server asks for the first, virt-api for the second (kubevirt-api: authorization happens twice). */
const NEEDED: ActionAccess[] = ['vnc', 'vnc/screenshot'].map((subresource) => ({
  doing: 'access.doing.vnc',
  verb: 'get',
  resource: RESOURCES.virtualMachineInstanceActions,
  subresource,
}));
const NO_SCREEN: Screen = {};
const LATE = 3;

/** One screen of the wall: its picture while somebody sees it, the way to its console, and why there is no picture. */
export function ScreenTile({
  cluster,
  row,
  screens,
  everyMs,
}: {
  cluster: string;
  row: VmRow;
  screens: ScreenRefresher | undefined;
  everyMs: number;
}) {
  const t = useText();
  const { namespace, name, facts, reason } = row;
  const target = { cluster, namespace, name };
  const tile = useRef<HTMLLIElement>(null);
  const isSeen = useIsSeen(tile);
  const checks = NEEDED.map((access) => checkOf(access, namespace));
  const verdict = useAccess(cluster, checks, isSeen);
  const missing = checks.find((check) => verdict(check)?.allowed === false);
  const refusal = missing && refusalOf(missing);
  const hasScreen = facts.vmi?.graphics !== false;
  // A picture that one may not have is not asked for, so the answer about rights comes first.
  const isAsked = isSeen && hasScreen && checks.every((check) => verdict(check)?.allowed);
  const screen = useScreen(screens, `${namespace}/${name}`, isAsked);
  const words = screen.error && plainMessage(screen.error.message);
  // What stands in place of a picture, which a screen reader hears with the link's name.
  const instead = hasScreen ? (refusal || words ? '' : t('screens.waiting')) : t('screens.noScreen');
  const isOld = screen.takenAt !== undefined && Date.now() - screen.takenAt > LATE * everyMs;

  return (
    <li ref={tile} className={styles.tile}>
      <a
        href={paths.console(target, 'vnc')}
        target="_blank"
        rel="noopener"
        className={styles.glass}
        aria-label={[t('screens.open', { name }), screen.url ? '' : instead].filter(Boolean).join('. ')}
        data-stale={words !== undefined || undefined}
      >
        {screen.url && !refusal ? (
          // biome-ignore lint/performance/noImgElement: a blob of this tab, nothing for Next to optimise
          <img src={screen.url} alt={t('screens.picture', { name })} className={styles.picture} />
        ) : (
          <span className={styles.dark}>{instead}</span>
        )}
      </a>
      <div className={styles.caption}>
        <Link href={paths.vm(target)} prefetch={false} className={styles.name} title={`${namespace}/${name}`}>
          {name}
        </Link>
        <VmStatusLabel target={target} facts={facts} reason={reason} />
      </div>
      <div className={styles.note}>
        {refusal && <RefusalNote cluster={cluster} refusal={refusal} />}
        {!refusal && words && <span title={words}>{t('screens.failed', { words })}</span>}
        {!refusal && !words && isOld && screen.takenAt && (
          <Age time={new Date(screen.takenAt).toISOString()} ago />
        )}
        {!refusal && !words && !isOld && <span className={styles.namespace}>{namespace}</span>}
      </div>
    </li>
  );
}

function useScreen(screens: ScreenRefresher | undefined, key: string, isAsked: boolean): Screen {
  const subscribe = useCallback(
    (listener: () => void) => (isAsked && screens ? screens.watch(key, listener) : () => undefined),
    [screens, key, isAsked],
  );
  return useSyncExternalStore(
    subscribe,
    () => screens?.get(key) ?? NO_SCREEN,
    () => NO_SCREEN,
  );
}

/** Whether any part of the tile is in the window, or nearly. */
function useIsSeen(tile: React.RefObject<HTMLElement | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (!tile.current) return;
    const observer = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting ?? false), {
      rootMargin: '100px',
    });
    observer.observe(tile.current);
    return () => observer.disconnect();
  }, [tile]);
  return isSeen;
}
