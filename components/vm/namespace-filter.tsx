'use client';

import {
  Divider,
  Menu,
  MenuContainer,
  MenuContent,
  MenuItem,
  MenuList,
  MenuSearch,
  MenuSearchInput,
  MenuToggle,
  SearchInput,
} from '@patternfly/react-core';
import { useRef, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { refusalText } from '@/lib/kinds/abilities';
import { useNamespaces } from '@/lib/live/use-namespaces';

/**
 * Which namespaces to show; none chosen means all. Many users may not list namespaces (`edit` does not include it), so
 * a name that is typed can always be chosen.
 */
export function NamespaceFilter({
  cluster,
  known: seen,
  chosen,
  onChange,
}: {
  cluster: string;
  /** Namespaces to offer beyond those that may be listed. */
  known: string[];
  chosen: string[];
  onChange: (namespaces: string[]) => void;
}) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const menu = useRef<HTMLDivElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const { names, refusal } = useNamespaces(cluster);
  const explain = useExplain();

  const known = [...new Set([...names, ...seen, ...chosen])].sort();
  const wanted = typed.trim().toLowerCase();
  const matching = known.filter((name) => name.includes(wanted));
  const label =
    chosen.length === 0
      ? t('vm.list.allNamespaces')
      : chosen.length === 1
        ? (chosen[0] ?? '')
        : t('vm.list.someNamespaces', { count: chosen.length });
  const flip = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name].sort());

  return (
    <MenuContainer
      isOpen={open}
      onOpenChange={setOpen}
      menuRef={menu}
      toggleRef={toggle}
      toggle={
        <MenuToggle
          ref={toggle}
          isExpanded={open}
          onClick={() => setOpen(!open)}
          aria-label={`${t('vm.list.namespace')}: ${label}`}
        >
          {label}
        </MenuToggle>
      }
      menu={
        <Menu ref={menu} onSelect={(_, name) => typeof name === 'string' && flip(name)} isScrollable>
          <MenuSearch>
            <MenuSearchInput>
              <SearchInput
                aria-label={t('vm.list.findNamespace')}
                placeholder={t('vm.list.findNamespace')}
                value={typed}
                onChange={(_, value) => setTyped(value)}
                onClear={() => setTyped('')}
              />
            </MenuSearchInput>
          </MenuSearch>
          <Divider />
          <MenuContent maxMenuHeight="20rem">
            <MenuList aria-label={t('vm.list.namespace')}>
              {matching.map((name) => (
                <MenuItem key={name} itemId={name} hasCheckbox isSelected={chosen.includes(name)}>
                  {name}
                </MenuItem>
              ))}
              {wanted && !known.includes(wanted) && (
                <MenuItem itemId={wanted}>{t('vm.list.addNamespace', { name: wanted })}</MenuItem>
              )}
              {!wanted && matching.length === 0 && !refusal && (
                <MenuItem isDisabled>{t('vm.list.noNamespace')}</MenuItem>
              )}
              {refusal && (
                <MenuItem
                  description={t('access.role.show')}
                  aria-haspopup="dialog"
                  onClick={(event) => {
                    event?.stopPropagation();
                    setOpen(false);
                    toggle.current?.focus();
                    explain(cluster, [refusal]);
                  }}
                >
                  {t(refusalText(refusal, t))}
                </MenuItem>
              )}
            </MenuList>
          </MenuContent>
          {chosen.length > 0 && (
            <MenuList>
              <MenuItem
                onClick={(event) => {
                  event?.stopPropagation();
                  onChange([]);
                }}
              >
                {t('vm.list.clearNamespaces')}
              </MenuItem>
            </MenuList>
          )}
        </Menu>
      }
    />
  );
}
