'use client';

import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { DesktopIcon, TerminalIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import type { ConsoleKind } from '@/lib/paths';

/** Which of the two consoles shows. */
export function KindSwitch({ kind, onSwitch }: { kind: ConsoleKind; onSwitch: (kind: ConsoleKind) => void }) {
  const t = useText();
  return (
    <ToggleGroup isCompact aria-label={t('consoles.kind.choose')}>
      <ToggleGroupItem
        icon={<DesktopIcon />}
        text={t('consoles.kind.vnc')}
        buttonId="console-vnc"
        isSelected={kind === 'vnc'}
        onChange={() => onSwitch('vnc')}
      />
      <ToggleGroupItem
        icon={<TerminalIcon />}
        text={t('consoles.kind.serial')}
        buttonId="console-serial"
        isSelected={kind === 'serial'}
        onChange={() => onSwitch('serial')}
      />
    </ToggleGroup>
  );
}
