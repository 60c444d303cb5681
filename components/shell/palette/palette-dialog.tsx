'use client';

import {
  Button,
  Modal,
  ModalBody,
  TextInputGroup,
  TextInputGroupMain,
  TextInputGroupUtilities,
} from '@patternfly/react-core';
import { SearchIcon, TimesIcon } from '@patternfly/react-icons';
import { usePathname, useRouter } from 'next/navigation';
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { useRecent } from '@/lib/live/recent';
import { useClusterSearch } from '@/lib/live/use-cluster-search';
import { paths } from '@/lib/paths';
import { type PaletteEntry, paletteGroups } from './entries';
import { NotSearched } from './not-searched';
import type { OfferedActions } from './offered-actions';
import styles from './palette.module.css';
import { PaletteList } from './palette-list';
import { useVmEntries } from './use-vm-entries';

/** More of one cluster is a step away: its own list with the same words. */
const ROWS_PER_CLUSTER = 5;
const ANNOUNCE_MS = 600;
const COMBOBOX_PROPS = { 'aria-autocomplete': 'list', autoComplete: 'off', spellCheck: false };

/** A combobox over everything: arrows choose, Enter opens, Escape leaves. */
export function PaletteDialog({
  cluster,
  clusters,
  offered,
  onClose,
}: {
  cluster: string | undefined;
  clusters: ClusterInfo[];
  offered: OfferedActions | undefined;
  onClose: () => void;
}) {
  const t = useText();
  const router = useRouter();
  const pathname = usePathname();
  const recent = useRecent();
  const id = useId().replaceAll(':', '');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string>();
  const { hits, places, searched, isSettled } = useClusterSearch(clusters, text, ROWS_PER_CLUSTER);
  const [within, setWithin] = useState<PaletteEntry['vm']>();
  const actions = useVmEntries(within);

  const groups = useMemo(() => {
    const found = paletteGroups({ cluster, clusters, pathname, offered, recent, places }, text, hits, t);
    if (!text.trim()) return found;
    const all = {
      id: 'all',
      label: t('search.showAll', { text: text.trim() }),
      href: paths.search(text.trim()),
    };
    return [...found, { id: 'all', title: t('search.everything'), entries: [all] }];
  }, [cluster, clusters, pathname, offered, recent, places, text, hits, t]);
  const shown = within
    ? [{ id: 'within', title: t('search.actionsOf', { name: within.target.name }), entries: actions }]
    : groups;
  const entries = shown.flatMap((group) => group.entries);
  const active = entries.find((entry) => entry.id === chosen) ?? entries[0];
  const activeId = active && `${id}-${entries.indexOf(active)}`;

  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  const open = (entry: PaletteEntry | undefined, event: KeyboardEvent | MouseEvent) => {
    if (!entry || entry.reason) return;
    onClose();
    const inTab = entry.newTab || event.ctrlKey || event.metaKey;
    if (entry.href && inTab) window.open(entry.href, '_blank', 'noopener');
    else if (entry.href) router.push(entry.href);
    // The dialog that an action opens takes the focus once this one has given it back.
    else setTimeout(() => entry.onSelect?.(), 0);
  };

  const enter = (vm: PaletteEntry['vm']) => {
    setWithin(vm);
    setChosen(undefined);
  };

  const write = (value: string) => {
    setText(value);
    setWithin(undefined);
    setChosen(undefined);
  };

  const press = (event: KeyboardEvent) => {
    const at = active ? entries.indexOf(active) : -1;
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1 + entries.length,
      PageDown: Math.min(at + 5, entries.length - 1),
      PageUp: Math.max(at - 5, 0),
    };
    const next = steps[event.key];
    const vm = within ? undefined : active?.vm;
    if (event.key === 'Tab' && !event.shiftKey && vm) {
      event.preventDefault();
      enter(vm);
      return;
    }
    if (event.key === 'Backspace' && within) {
      event.preventDefault();
      enter(undefined);
      return;
    }
    if (next !== undefined && entries.length > 0) {
      event.preventDefault();
      setChosen(entries[next % entries.length]?.id);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      open(active, event);
    }
  };

  return (
    <Modal
      isOpen
      variant="medium"
      position="top"
      onClose={onClose}
      aria-label={t('search.title')}
      elementToFocus={`#${id}-input`}
      className={styles.dialog ?? ''}
    >
      <ModalBody className={styles.body ?? ''} aria-label={t('search.title')}>
        <TextInputGroup>
          <TextInputGroupMain
            icon={<SearchIcon />}
            value={text}
            onChange={(_, value) => write(value)}
            onKeyDown={press}
            placeholder={t('search.hint')}
            inputId={`${id}-input`}
            aria-label={t('search.title')}
            role="combobox"
            isExpanded
            aria-controls={`${id}-list`}
            aria-activedescendant={activeId}
            inputProps={COMBOBOX_PROPS}
          />
          {text && (
            <TextInputGroupUtilities>
              <Button
                variant="plain"
                icon={<TimesIcon />}
                aria-label={t('common.clear')}
                onClick={() => {
                  write('');
                  document.getElementById(`${id}-input`)?.focus();
                }}
              />
            </TextInputGroupUtilities>
          )}
        </TextInputGroup>
        <PaletteList
          id={id}
          label={t('search.results')}
          groups={shown}
          activeId={activeId}
          onHover={(entry) => setChosen(entry.id)}
          onOpen={open}
        />
        <Announcer
          text={t(isSettled ? 'search.count' : 'search.searching', {
            count: entries.length - (text.trim() ? 1 : 0),
          })}
        />
        {within && (
          <Button variant="link" isInline onClick={() => enter(undefined)}>
            {t('search.actionsBack')}
          </Button>
        )}
        {searched && !within && (
          <NotSearched hits={hits} returnTo={paths.search(searched)} onLeave={onClose} />
        )}
      </ModalBody>
    </Modal>
  );
}

/** Tells screen readers how much there is, once it rests; never every key's worth of it. */
function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), ANNOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p className="pf-v6-screen-reader" role="status">
      {said}
    </p>
  );
}
