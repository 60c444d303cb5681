'use client';

import { Button, InputGroup, InputGroupItem, Label, TextInput } from '@patternfly/react-core';
import { useId, useState } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import type { OnlyNamespaces } from '@/lib/inventory/protocol';
import { ACCESS, checkOf, refusalOf } from '@/lib/kinds/abilities';
import { namespaceProblem } from '@/lib/manifest/names';
import styles from './vm.module.css';

const EVERYWHERE = refusalOf(checkOf(ACCESS.listVms));

interface KnownNamespaces {
  known: string[];
  add: (namespace: string) => void;
  forget: (namespace: string) => void;
}

/** For who may not list the VMs of all namespaces: which are shown, which are closed, and a way to add one. */
export function NamespaceScope({
  cluster,
  only,
  places,
}: {
  cluster: string;
  /** Absent where nothing may be seen. */
  only?: OnlyNamespaces;
  places: KnownNamespaces;
}) {
  const t = useText();
  const closed = only?.denied ?? places.known;
  return (
    <section className={styles.scope} aria-label={t('vm.list.scope.label')}>
      {only && (
        <p>
          {t('vm.list.scope.shown', { count: only.namespaces.length, names: only.namespaces.join(', ') })}{' '}
          <RefusalNote cluster={cluster} refusal={EVERYWHERE} />
        </p>
      )}
      {closed.length > 0 && (
        <p>
          {t('vm.list.scope.closed')}{' '}
          {closed.map((name) => (
            <Label
              key={name}
              isCompact
              {...(places.known.includes(name)
                ? {
                    onClose: () => places.forget(name),
                    closeBtnAriaLabel: t('vm.list.scope.forget', { name }),
                  }
                : {})}
            >
              {name}
            </Label>
          ))}
        </p>
      )}
      <AddNamespace onAdd={places.add} />
    </section>
  );
}

function AddNamespace({ onAdd }: { onAdd: (namespace: string) => void }) {
  const t = useText();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [isAsked, setAsked] = useState(false);
  const name = typed.trim();
  const problem = isAsked && name ? namespaceProblem(name) : undefined;
  return (
    <form
      className={styles.scopeForm}
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (!name || namespaceProblem(name)) return;
        onAdd(name);
        setTyped('');
        setAsked(false);
      }}
    >
      <InputGroup>
        <InputGroupItem isFill>
          <TextInput
            id={id}
            aria-label={t('vm.list.scope.name')}
            aria-describedby={problem ? `${id}-problem` : undefined}
            placeholder={t('vm.list.scope.name')}
            value={typed}
            validated={problem ? 'error' : 'default'}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, value) => setTyped(value)}
          />
        </InputGroupItem>
        <InputGroupItem>
          <Button type="submit" variant="control">
            {t('vm.list.scope.add')}
          </Button>
        </InputGroupItem>
      </InputGroup>
      {problem && (
        <p id={`${id}-problem`} role="alert">
          {t(problem)}
        </p>
      )}
    </form>
  );
}
