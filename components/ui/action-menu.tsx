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
import { Fragment, type MouseEvent, type RefObject, useRef } from 'react';
import { type ActionItem, byGroup } from './action-item';

/** A menu of actions in groups. `label` names the control; with `text` it shows that instead of three dots. */
export function ActionMenu({
  items,
  label,
  text,
  isOpen,
  onOpenChange,
  tabIndex,
}: {
  items: ActionItem[];
  label: string;
  text?: string;
  isOpen: boolean;
  onOpenChange: (open: boolean) => void;
  /** -1 where something else leads to it than the Tab key. */
  tabIndex?: number;
}) {
  const own = useRef<HTMLButtonElement>(null);
  const close = () => {
    onOpenChange(false);
    // The focus must not go with the entry: a dialog gives it back to where it was.
    own.current?.focus();
  };
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle
          ref={(element: HTMLButtonElement | null) => {
            own.current = element;
            // Dropdown hands out a ref object, declared so loosely that nothing is known of it.
            (ref as RefObject<HTMLButtonElement | null>).current = element;
          }}
          variant={text ? 'default' : 'plain'}
          isExpanded={isOpen}
          aria-label={label}
          tabIndex={tabIndex}
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
            <DropdownList onMouseOver={focusEntry}>
              {group.map((item) => (
                <MenuEntry key={item.id} item={item} close={close} />
              ))}
            </DropdownList>
          </DropdownGroup>
        </Fragment>
      ))}
    </Dropdown>
  );
}

/** As in every menu, the entry under the pointer has the focus: or two entries would give their reasons at once. */
function focusEntry({ target }: MouseEvent<HTMLElement>): void {
  if (!(target instanceof Element)) return;
  target.closest<HTMLElement>('[role="menuitem"]')?.focus({ preventScroll: true });
}

function MenuEntry({ item, close }: { item: ActionItem; close: () => void }) {
  const { label, reason, onExplain, busy, danger, href, here, onSelect } = item;
  if (reason) {
    return (
      <DropdownItem
        isAriaDisabled
        tooltipProps={{ content: reason, position: 'left', entryDelay: 0 }}
        // PatternFly swallows the click on an entry that cannot be used.
        onClickCapture={() => {
          if (!onExplain) return;
          close();
          onExplain();
        }}
      >
        {label}
      </DropdownItem>
    );
  }
  if (href) {
    return (
      <DropdownItem to={href} {...(here ? {} : { target: '_blank', rel: 'noopener' })} onClick={close}>
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
