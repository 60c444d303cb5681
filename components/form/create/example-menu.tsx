'use client';

import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { EXAMPLES, type Example } from './examples';

export function ExampleMenu({ onChoose }: { onChoose: (example: Example) => void }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={open} onClick={() => setOpen(!open)}>
          {t('yaml.create.example')}
        </MenuToggle>
      )}
    >
      <DropdownList>
        {EXAMPLES.map((example) => (
          <DropdownItem
            key={example.id}
            description={t(example.description)}
            onClick={() => onChoose(example)}
          >
            {t(example.title)}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
