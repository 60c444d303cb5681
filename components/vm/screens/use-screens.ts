'use client';

import { useEffect, useState } from 'react';
import { readApiBytes } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { ScreenRefresher } from '@/lib/live/screen-refresher';

/** The pictures of this page: `namespace/name` is the key of each. Nothing is asked while the tab is hidden. */
export function useScreens(cluster: string, everyMs: number): ScreenRefresher | undefined {
  const [screens, setScreens] = useState<ScreenRefresher>();
  // The first pace only: later ones are set below without losing pictures.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const made = new ScreenRefresher({
      take: (key, signal) => readApiBytes(cluster, screenshotPath(key), signal),
      makeUrl: (picture) => URL.createObjectURL(picture),
      dropUrl: (url) => URL.revokeObjectURL(url),
      everyMs,
    });
    const see = () => made.pause(document.visibilityState !== 'visible');
    see();
    document.addEventListener('visibilitychange', see);
    setScreens(made);
    return () => {
      document.removeEventListener('visibilitychange', see);
      made.close();
    };
  }, [cluster]);
  useEffect(() => screens?.setEvery(everyMs), [screens, everyMs]);
  return screens;
}

/** KubeVirt's own picture of a guest's screen, a PNG (virt-api, `vnc/screenshot`). */
function screenshotPath(key: string): string {
  const [namespace = '', name = ''] = key.split('/');
  const resource = RESOURCES.virtualMachineInstanceActions;
  // The pointer is not moved: that would wake a guest's screen saver each time.
  return `${resourcePath(resource, namespace, name, 'vnc/screenshot')}?moveCursor=false`;
}
