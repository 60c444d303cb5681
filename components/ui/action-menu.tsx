'use client';

import {
  Divider,
  Dropdown,
  DropdownGroup,
  DropdownItem,
  DropdownList,
  MenuToggle,
} from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons';
import { Fragment } from 'react';
import { type ActionItem, byGroup } from './action-item';

/** A menu of actions in groups. `label` names the control; with `text` it shows that instead of three dots. */
export function ActionMenu({
  items,
  label,
  text,
  isOpen,
  onOpenChange,
}: {
  items: ActionItem[];
  label: string;
  text?: string;
  isOpen: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant={text ? 'default' : 'plain'}
          isExpanded={isOpen}
          aria-label={label}
          onClick={() => onOpenChange(!isOpen)}
        >
          {text ?? <EllipsisVIcon />}
        </MenuToggle>
      )}
    >
      {byGroup(items).map((group, index) => (
        <Fragment key={group[0]?.group}>
          {index > 0 && <Divider />}
          <DropdownGroup>
            <DropdownList>
              {group.map((item) => (
                <MenuEntry key={item.id} item={item} close={() => onOpenChange(false)} />
              ))}
            </DropdownList>
          </DropdownGroup>
        </Fragment>
      ))}
    </Dropdown>
  );
}

function MenuEntry({ item, close }: { item: ActionItem; close: () => void }) {
  const { label, reason, busy, danger, href, onSelect } = item;
  if (reason) {
    return (
      <DropdownItem isAriaDisabled tooltipProps={{ content: reason, position: 'left', entryDelay: 0 }}>
        {label}
      </DropdownItem>
    );
  }
  if (href) {
    return (
      <DropdownItem to={href} target="_blank" rel="noopener" onClick={close}>
        {label}
      </DropdownItem>
    );
  }
  return (
    <DropdownItem
      isDanger={danger}
      isLoading={busy}
      onClick={() => {
        close();
        onSelect?.();
      }}
    >
      {label}
    </DropdownItem>
  );
}
