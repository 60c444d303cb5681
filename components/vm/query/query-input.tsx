'use client';

import { Button, TextInputGroup, TextInputGroupMain, TextInputGroupUtilities } from '@patternfly/react-core';
import { SearchIcon, TimesIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { VmQuery } from '@/lib/kinds/vm/query';
import styles from './query.module.css';
import type { CompletionKeys } from './query-completion';

// What reads the language comes with the first key, or with a text to read.
const QueryCompletion = dynamic(() => import('./query-completion').then((all) => all.QueryCompletion), {
  ssr: false,
});
// Without something to show meanwhile the whole page would wait for it, and lose keys.
const QueryProblems = dynamic(() => import('./query-problems').then((all) => all.QueryProblems), {
  loading: () => null,
});
const loadEditing = () => import('@/lib/kinds/vm/language/edit');

const TYPING_MS = 150;

/** The field for the query's text: a combobox that shows each key at once and asks when typing rests. */
export function QueryInput({
  cluster,
  known,
  query,
  onChange,
}: {
  cluster: string;
  known: string[];
  query: VmQuery;
  onChange: (text: string) => void;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const input = useRef<HTMLInputElement>(null);
  const { typed, caret, place, write, tell } = useTyped(query.text, onChange, input);
  const [isFocused, setFocused] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const [offered, setOffered] = useState<{ count: number; activeId?: string }>({ count: 0 });
  const keys = useRef<CompletionKeys>(undefined);
  const isExpanded = isOpen && offered.count > 0;

  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' && !isOpen) {
      event.preventDefault();
      setOpen(true);
    } else if (isExpanded && keys.current?.(event.key)) {
      event.preventDefault();
    } else if (event.key === 'Escape' && isExpanded) {
      // What is around may listen for it, too.
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === 'Enter') {
      tell(typed);
      setOpen(false);
    }
  };

  return (
    <div className={styles.input}>
      <TextInputGroup>
        <TextInputGroupMain
          innerRef={input}
          icon={<SearchIcon />}
          value={typed}
          onChange={(event, value) => {
            write(value, event.currentTarget.selectionStart ?? value.length);
            setOpen(value !== '');
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            setOpen(false);
            tell(typed);
          }}
          onKeyDown={press}
          onClick={() => setOpen(true)}
          placeholder={t('query.placeholder')}
          inputId={`${id}-input`}
          aria-label={t('query.label')}
          role="combobox"
          isExpanded={isExpanded}
          aria-controls={`${id}-list`}
          aria-activedescendant={isExpanded ? offered.activeId : undefined}
          inputProps={{
            'aria-autocomplete': 'list',
            'aria-describedby': `${id}-problems`,
            autoComplete: 'off',
            autoCapitalize: 'off',
            spellCheck: false,
            onSelect: () => place(input.current?.selectionStart ?? 0),
          }}
        />
        {typed && (
          <TextInputGroupUtilities>
            <Button
              variant="plain"
              icon={<TimesIcon />}
              aria-label={t('common.clear')}
              onClick={() => {
                write('', 0);
                tell('');
                input.current?.focus();
              }}
            />
          </TextInputGroupUtilities>
        )}
      </TextInputGroup>
      {(isOpen || offered.count > 0) && (
        <QueryCompletion
          id={id}
          cluster={cluster}
          known={known}
          query={query}
          text={typed}
          caret={caret}
          isOpen={isOpen}
          keys={keys}
          onOffer={setOffered}
          onChoose={(text, at, isDone) => {
            write(text, at, true);
            setOpen(!isDone);
            if (isDone) tell(text.trim());
          }}
        />
      )}
      <div id={`${id}-problems`} role="status">
        {typed && (
          <QueryProblems
            text={typed}
            // Where somebody types, what is not finished is no problem yet.
            caret={isFocused ? caret : undefined}
            onMend={(text) => {
              write(text, text.length, true);
              tell(text);
              input.current?.focus();
            }}
          />
        )}
      </div>
    </div>
  );
}

/** The text as it is typed, the caret in it, and the ways to tell the query. */
function useTyped(
  text: string,
  onChange: (text: string) => void,
  input: { current: HTMLInputElement | null },
) {
  const [typed, setTyped] = useState(text);
  const [caret, setCaret] = useState(text.length);
  const told = useRef(text);
  const editing = useRef<Awaited<ReturnType<typeof loadEditing>>>(undefined);
  const latest = useRef(onChange);
  latest.current = onChange;
  /** Where the caret is to stand once the text is there. */
  const wanted = useRef<number>(undefined);

  // Back, a chip, a facet, or a link with another filter.
  useEffect(() => {
    if (text === told.current) return;
    told.current = text;
    setTyped(text);
    setCaret(text.length);
  }, [text]);

  const tell = (next: string) => {
    if (next === told.current) return;
    told.current = next;
    latest.current(next);
  };

  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      const next = editing.current?.withoutUnfinished(typed, caret) ?? typed;
      if (next === told.current) return;
      told.current = next;
      latest.current(next);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, caret]);

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    input.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });

  return {
    typed,
    caret,
    place: setCaret,
    tell,
    write: (next: string, at: number, moveCaret = false) => {
      if (!editing.current)
        void loadEditing().then((all) => {
          editing.current = all;
        });
      setTyped(next);
      setCaret(at);
      if (moveCaret) wanted.current = at;
    },
  };
}
