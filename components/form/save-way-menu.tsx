'use client';

import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import type { SaveWay } from './save-whole';

const WAYS = ['patch', 'apply', 'replace'] as const;

/** How the Save button sends the text. */
export function SaveWayMenu({
  way,
  onChoose,
  isMasked,
}: {
  way: SaveWay;
  onChoose: (way: SaveWay) => void;
  /** Hidden values can't be sent whole. */
  isMasked: boolean;
}) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const shown = way === 'force' ? 'apply' : way;
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" isExpanded={open} onClick={() => setOpen(!open)}>
          {t(`editor.way.${shown}`)}
        </MenuToggle>
      )}
    >
      <DropdownList>
        {WAYS.map((each) => (
          <DropdownItem
            key={each}
            isSelected={each === shown}
            isAriaDisabled={isMasked && each !== 'patch'}
            description={t(isMasked && each !== 'patch' ? 'editor.way.masked' : `editor.way.${each}About`)}
            onClick={() => onChoose(each)}
          >
            {t(`editor.way.${each}`)}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
