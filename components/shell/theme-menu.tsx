'use client';

import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { DesktopIcon, MoonIcon, SunIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { THEMES } from './theme';
import { useTheme } from './theme-provider';

const ICONS = { system: DesktopIcon, light: SunIcon, dark: MoonIcon };

export function ThemeMenu() {
  const t = useText();
  const { theme, choose } = useTheme();
  const [open, setOpen] = useState(false);
  const Icon = ICONS[theme];
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant="plain"
          isExpanded={open}
          onClick={() => setOpen(!open)}
          aria-label={t('shell.theme.label', { theme: t(`shell.theme.${theme}`) })}
        >
          <Icon />
        </MenuToggle>
      )}
    >
      <DropdownList>
        {THEMES.map((each) => {
          const EachIcon = ICONS[each];
          return (
            <DropdownItem
              key={each}
              icon={<EachIcon />}
              isSelected={each === theme}
              onClick={() => {
                choose(each);
                setOpen(false);
              }}
            >
              {t(`shell.theme.${each}`)}
            </DropdownItem>
          );
        })}
      </DropdownList>
    </Dropdown>
  );
}
