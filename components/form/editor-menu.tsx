'use client';

import {
  Divider,
  Dropdown,
  DropdownGroup,
  DropdownItem,
  DropdownList,
  MenuToggle,
} from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import type { Editor } from './codemirror/editor';
import type { HelpOptions } from './codemirror/help';
import { insertSnippet, snippetsFor } from './schema/insert-snippet';

/** What an editor can do besides typing, for those who don't know its keys. */
export function EditorMenu({
  editor,
  help,
  isReadOnly,
}: {
  editor: Editor;
  help: HelpOptions | undefined;
  isReadOnly: boolean;
}) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const snippets = open && !isReadOnly && help ? snippetsFor(editor.content, editor.cursor) : [];
  const explain = async () => {
    if (!help) return;
    const { describeHere } = await import('./codemirror/help');
    editor.run((view) => describeHere(view, help));
  };
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      isScrollable
      maxMenuHeight="24rem"
      toggle={(ref) => (
        <MenuToggle ref={ref} size="sm" variant="plainText" isExpanded={open} onClick={() => setOpen(!open)}>
          {t('editor.menu.tools')}
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => editor.openSearch()} description="Ctrl+F">
          {t('editor.menu.search')}
        </DropdownItem>
        <DropdownItem
          onClick={() =>
            editor.goToField({
              label: t('editor.goTo.label'),
              go: t('editor.goTo.go'),
              example: t('editor.goTo.example'),
            })
          }
        >
          {t('editor.menu.goTo')}
        </DropdownItem>
        <DropdownItem onClick={() => editor.foldAll()} description="Ctrl+Alt+[">
          {t('editor.menu.foldAll')}
        </DropdownItem>
        <DropdownItem onClick={() => editor.unfoldAll()} description="Ctrl+Alt+]">
          {t('editor.menu.unfoldAll')}
        </DropdownItem>
        {help && (
          <DropdownItem onClick={() => void explain()} description="F2">
            {t('editor.menu.describe')}
          </DropdownItem>
        )}
      </DropdownList>
      {snippets.length > 0 && (
        <>
          <Divider />
          <DropdownGroup label={t('editor.menu.insert')}>
            <DropdownList>
              {snippets.map((snippet) => (
                <DropdownItem
                  key={snippet.id}
                  description={t(snippet.about)}
                  onClick={() => {
                    const content = insertSnippet(editor.content, editor.cursor, snippet);
                    if (content !== undefined) editor.type(content);
                  }}
                >
                  {t(snippet.title)}
                </DropdownItem>
              ))}
            </DropdownList>
          </DropdownGroup>
        </>
      )}
    </Dropdown>
  );
}
