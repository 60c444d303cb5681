'use client';

import { Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import {
  CheckIcon,
  LinkIcon,
  OutlinedStarIcon,
  PencilAltIcon,
  StarIcon,
  TrashIcon,
} from '@patternfly/react-icons';
import { usePathname, useSearchParams } from 'next/navigation';
import { type FormEvent, type MouseEvent, useState } from 'react';
import { copyText } from '@/components/ui/copyable';
import { useText } from '@/components/ui/text';
import { isSameSearch, type SavedView, type SavedViews, useSavedViews } from '@/lib/live/saved-views';
import styles from './query.module.css';

/** Somebody's saved views: open, share, rename, delete, let one open with the list, save what shows. */
export function ViewsPanel({
  cluster,
  user,
  onClose,
}: {
  cluster: string;
  user: string;
  onClose: () => void;
}) {
  const t = useText();
  const { views, store } = useSavedViews(cluster, user);
  const search = useSearchParams().toString();
  const [isForgotten, setForgotten] = useState(false);
  const keep = (isKept: boolean) => setForgotten(!isKept);
  return (
    <div className={styles.views}>
      <ul aria-label={t('query.views.title')}>
        <li>
          <ViewLink name={t('query.views.all')} search="" isCurrent={search === ''} onOpen={onClose} />
        </li>
        {views.map((view) => (
          <View
            key={view.name}
            view={view}
            store={store}
            isCurrent={isSameSearch(view.search, search)}
            onKeep={keep}
            onOpen={onClose}
          />
        ))}
      </ul>
      {isForgotten && <p className={styles.problem}>{t('query.views.forgotten')}</p>}
      {search === '' ? (
        <p className={styles.subtle}>{t('query.views.none')}</p>
      ) : (
        <SaveForm names={views.map(({ name }) => name)} onSave={(name) => keep(store.save(name, search))} />
      )}
    </div>
  );
}

function View({
  view: { name, search, isStart = false },
  store,
  isCurrent,
  onKeep,
  onOpen,
}: {
  view: SavedView;
  store: SavedViews;
  isCurrent: boolean;
  onKeep: (isKept: boolean) => void;
  onOpen: () => void;
}) {
  const t = useText();
  const pathname = usePathname();
  const [isNaming, setNaming] = useState(false);
  const [isCopied, setCopied] = useState(false);
  if (isNaming)
    return (
      <li>
        <NameForm
          label={t('query.views.renameTo', { name })}
          initial={name}
          verb={t('query.views.saveButton')}
          onName={(next) => {
            onKeep(store.rename(name, next));
            setNaming(false);
          }}
        />
      </li>
    );
  const share = () => {
    const url = new URL(`${pathname}?${search}`, window.location.href);
    void copyText(url.href).then(setCopied);
  };
  const buttons = [
    {
      label: t(isStart ? 'query.views.started' : 'query.views.start', { name }),
      icon: isStart ? <StarIcon /> : <OutlinedStarIcon />,
      pressed: isStart,
      onClick: () => onKeep(store.setStart(isStart ? undefined : name)),
    },
    {
      label: isCopied ? t('query.views.copied') : t('query.views.share', { name }),
      icon: isCopied ? <CheckIcon /> : <LinkIcon />,
      onClick: share,
    },
    { label: t('query.views.rename', { name }), icon: <PencilAltIcon />, onClick: () => setNaming(true) },
    {
      label: t('query.views.delete', { name }),
      icon: <TrashIcon />,
      onClick: () => onKeep(store.remove(name)),
    },
  ];
  return (
    <li>
      <ViewLink name={name} search={search} isCurrent={isCurrent} onOpen={onOpen} />
      <span className={styles.tools}>
        {buttons.map(({ label, icon, pressed, onClick }) => (
          <Button
            key={label}
            variant="plain"
            size="sm"
            icon={icon}
            aria-label={label}
            title={label}
            {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
            onClick={onClick}
          />
        ))}
      </span>
    </li>
  );
}

/** A real link, to be opened in a tab; here it changes the query without asking the server for a page. */
function ViewLink({
  name,
  search,
  isCurrent,
  onOpen,
}: {
  name: string;
  search: string;
  isCurrent: boolean;
  onOpen: () => void;
}) {
  const pathname = usePathname();
  const href = search ? `${pathname}?${search}` : pathname;
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.history.pushState(null, '', href);
    onOpen();
  };
  return (
    <a href={href} aria-current={isCurrent ? 'true' : undefined} className={styles.view} onClick={open}>
      {name}
    </a>
  );
}

function SaveForm({ names, onSave }: { names: string[]; onSave: (name: string) => void }) {
  const t = useText();
  const [saved, setSaved] = useState(0);
  return (
    <NameForm
      // Empty again after saving.
      key={saved}
      label={t('query.views.save')}
      verb={t('query.views.saveButton')}
      again={names}
      onName={(name) => {
        onSave(name);
        setSaved(saved + 1);
      }}
    />
  );
}

function NameForm({
  label,
  initial = '',
  verb,
  again = [],
  onName,
}: {
  label: string;
  initial?: string;
  verb: string;
  /** Names that are taken: what stands there would be replaced. */
  again?: string[];
  onName: (name: string) => void;
}) {
  const t = useText();
  const [name, setName] = useState(initial);
  const trimmed = name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (trimmed) onName(trimmed);
  };
  return (
    <Form onSubmit={submit} className={styles.naming ?? ''}>
      <FormGroup label={label} fieldId={`view-${initial}`}>
        <div className={styles.row}>
          <TextInput
            id={`view-${initial}`}
            value={name}
            onChange={(_, value) => setName(value)}
            placeholder={t('query.views.name')}
            // The field comes at a click that asks for it.
            autoFocus={initial !== ''}
          />
          <Button type="submit" variant="secondary" isAriaDisabled={!trimmed}>
            {again.includes(trimmed) ? t('query.views.replace') : verb}
          </Button>
        </div>
      </FormGroup>
    </Form>
  );
}
