'use client';

import {
  CameraIcon,
  CompressArrowsAltIcon,
  ExpandArrowsAltIcon,
  KeyboardIcon,
  PasteIcon,
} from '@patternfly/react-icons';
import { useState, useSyncExternalStore } from 'react';
import { useText } from '@/components/ui/text';
import { readPreferences, writePreferences } from '@/lib/console/preferences';
import type { KeyCombination, VncScreen } from '@/lib/console/vnc-screen';
import type { ToolItem } from './tool-item';

const CTRL: KeyCombination[number] = [0xffe3, 'ControlLeft'];
const ALT: KeyCombination[number] = [0xffe9, 'AltLeft'];

/** Combinations that the browser or the desktop keeps for itself. Their names are those on the keys. */
const COMBINATIONS: [name: string, keys: KeyCombination][] = [
  ['Esc', [[0xff1b, 'Escape']]],
  ['Tab', [[0xff09, 'Tab']]],
  ['Alt+Tab', [ALT, [0xff09, 'Tab']]],
  ['Alt+F4', [ALT, [0xffc1, 'F4']]],
  ['Super', [[0xffeb, 'MetaLeft']]],
  ['Ctrl+Alt+Backspace', [CTRL, ALT, [0xff08, 'Backspace']]],
  ['Ctrl+Alt+F1', [CTRL, ALT, [0xffbe, 'F1']]],
  ['Ctrl+Alt+F2', [CTRL, ALT, [0xffbf, 'F2']]],
  ['Ctrl+Alt+F7', [CTRL, ALT, [0xffc4, 'F7']]],
  ['Alt+SysRq', [ALT, [0xff61, 'PrintScreen']]],
];

/** The tools of the graphical screen. */
export function useVncTools(
  screen: VncScreen,
  { name, linked, onText }: { name: string; linked: boolean; onText: (initial: string) => void },
): ToolItem[] {
  const t = useText();
  const { width, typing } = useSyncExternalStore(screen.facts.subscribe, screen.facts.get, screen.facts.get);
  const [scale, setScale] = useState(() => readPreferences().scale);
  const unlinked = linked ? undefined : t('consoles.reason.notConnected');
  return [
    {
      id: 'ctrl-alt-del',
      label: t('consoles.bar.ctrlAltDel'),
      group: 'keys',
      text: 'Ctrl+Alt+Del',
      reason: unlinked,
      onSelect: () => screen.sendCtrlAltDel(),
    },
    {
      id: 'text',
      label: t('consoles.bar.sendText'),
      group: 'keys',
      icon: <PasteIcon />,
      reason: unlinked ?? (typing ? t('consoles.reason.typing') : undefined),
      onSelect: () => onText(''),
    },
    {
      id: 'scale',
      label: t(scale ? 'consoles.bar.ownSize' : 'consoles.bar.scale'),
      group: 'view',
      icon: scale ? <CompressArrowsAltIcon /> : <ExpandArrowsAltIcon />,
      onSelect: () => {
        setScale(!scale);
        writePreferences({ scale: !scale });
        screen.setScale(!scale);
      },
    },
    {
      id: 'picture',
      label: t('consoles.bar.screenshot'),
      group: 'view',
      icon: <CameraIcon />,
      reason: width === 0 ? t('consoles.reason.noPicture') : undefined,
      onSelect: () => screen.savePicture(`${name}-${stamp()}.png`),
    },
    ...COMBINATIONS.map(([keyName, keys]) => ({
      id: keyName,
      label: t('consoles.bar.sendKeys', { keys: keyName }),
      group: 'combinations',
      icon: <KeyboardIcon />,
      menuOnly: true,
      reason: unlinked,
      onSelect: () => {
        screen.send(keys);
        screen.focus();
      },
    })),
  ];
}

/** For file names: 2026-01-31-142501, in the viewer's zone. */
export function stamp(now = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
