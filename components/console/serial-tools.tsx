'use client';

import {
  CopyIcon,
  DownloadIcon,
  EraserIcon,
  PasteIcon,
  PencilAltIcon,
  SearchMinusIcon,
  SearchPlusIcon,
} from '@patternfly/react-icons';
import { useSyncExternalStore } from 'react';
import { useText } from '@/components/ui/text';
import { FONT_MAX, FONT_MIN, writePreferences } from '@/lib/console/preferences';
import type { SerialScreen } from '@/lib/console/serial-screen';
import type { ToolItem } from './tool-item';
import { stamp } from './vnc-tools';

/** The tools of the serial console. */
export function useSerialTools(
  screen: SerialScreen,
  { name, linked, onText }: { name: string; linked: boolean; onText: (initial: string) => void },
): ToolItem[] {
  const t = useText();
  const { hasSelection, typing, fontSize, screenReader } = useSyncExternalStore(
    screen.facts.subscribe,
    screen.facts.get,
    screen.facts.get,
  );
  const unlinked = linked ? undefined : t('consoles.reason.notConnected');
  const busy = unlinked ?? (typing ? t('consoles.reason.typing') : undefined);

  const paste = async () => {
    const clip = await navigator.clipboard?.readText().catch(() => undefined);
    // Several lines run one by one in a shell, so they are shown first; so is the field when the clipboard is closed.
    if (!clip || /[\r\n]/.test(clip)) {
      onText(clip ?? '');
      return;
    }
    screen.type(clip);
    screen.focus();
  };
  const resize = (size: number) => {
    const bounded = Math.min(FONT_MAX, Math.max(FONT_MIN, size));
    writePreferences({ fontSize: bounded });
    screen.setFontSize(bounded);
  };
  const limit = t('consoles.reason.fontLimit');

  return [
    {
      id: 'copy',
      label: t('consoles.bar.copy'),
      group: 'clipboard',
      icon: <CopyIcon />,
      reason: hasSelection ? undefined : t('consoles.reason.noSelection'),
      onSelect: () => void navigator.clipboard?.writeText(screen.selection()),
    },
    {
      id: 'paste',
      label: t('consoles.bar.paste'),
      group: 'clipboard',
      icon: <PasteIcon />,
      reason: busy,
      onSelect: () => void paste(),
    },
    {
      id: 'text',
      label: t('consoles.bar.sendText'),
      group: 'clipboard',
      icon: <PencilAltIcon />,
      reason: busy,
      onSelect: () => onText(''),
    },
    {
      id: 'larger',
      label: t('consoles.bar.larger'),
      group: 'view',
      icon: <SearchPlusIcon />,
      reason: fontSize >= FONT_MAX ? limit : undefined,
      onSelect: () => resize(fontSize + 1),
    },
    {
      id: 'smaller',
      label: t('consoles.bar.smaller'),
      group: 'view',
      icon: <SearchMinusIcon />,
      reason: fontSize <= FONT_MIN ? limit : undefined,
      onSelect: () => resize(fontSize - 1),
    },
    {
      id: 'download',
      label: t('consoles.bar.download'),
      group: 'scroll-back',
      icon: <DownloadIcon />,
      onSelect: () => screen.saveScrollBack(`${name}-serial-${stamp()}.txt`),
    },
    {
      id: 'clear',
      label: t('consoles.bar.clear'),
      group: 'scroll-back',
      icon: <EraserIcon />,
      onSelect: () => screen.clear(),
    },
    {
      id: 'size',
      label: t('consoles.bar.tellSize'),
      group: 'guest',
      menuOnly: true,
      reason: busy,
      onSelect: () => {
        screen.tellSize();
        screen.focus();
      },
    },
    {
      id: 'screen-reader',
      label: t(screenReader ? 'consoles.bar.screenReaderOff' : 'consoles.bar.screenReaderOn'),
      group: 'guest',
      menuOnly: true,
      onSelect: () => {
        writePreferences({ screenReader: !screenReader });
        screen.setScreenReader(!screenReader);
      },
    },
  ];
}
