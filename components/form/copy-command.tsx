'use client';

import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { operationsOf } from '@/lib/manifest/edit';
import { kubectlApply, kubectlPatch } from '@/lib/manifest/kubectl';
import { editedObject, type ObjectEdit } from './object-edit';
import type { ObjectPlace } from './use-object-edit';

const SAID_MS = 2_000;

/** The text, or the edit at hand, as a command for a shell. */
export function CopyCommand({
  text,
  patch,
}: {
  text: string;
  /** The edit that a patch would send; absent where there is nothing to patch. */
  patch?: { place: ObjectPlace; edit: ObjectEdit } | undefined;
}) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<'copied' | 'notCopied'>();
  // Both are worked out from the whole text: only when somebody looks.
  const apply = open ? kubectlApply(text) : undefined;
  const command = open && patch ? patchCommand(patch) : undefined;
  const copy = async (words: string) => {
    try {
      await navigator.clipboard.writeText(words);
      setSaid('copied');
    } catch {
      setSaid('notCopied');
    }
    setTimeout(() => setSaid(undefined), SAID_MS);
  };
  return (
    <>
      <span role="status">{said && t(`yaml.copy.${said}`)}</span>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        onSelect={() => setOpen(false)}
        popperProps={{ position: 'right' }}
        toggle={(ref) => (
          <MenuToggle ref={ref} variant="plainText" isExpanded={open} onClick={() => setOpen(!open)}>
            {t('editor.kubectl.copy')}
          </MenuToggle>
        )}
      >
        <DropdownList>
          <DropdownItem
            isAriaDisabled={!apply}
            description={t(apply ? 'editor.kubectl.applyAbout' : 'yaml.object.hasErrors')}
            onClick={() => apply && void copy(apply)}
          >
            {t('editor.kubectl.apply')}
          </DropdownItem>
          {patch && (
            <DropdownItem
              isAriaDisabled={!command}
              description={t(command ? 'editor.kubectl.patchAbout' : 'editor.kubectl.noPatch')}
              onClick={() => command && void copy(command)}
            >
              {t('editor.kubectl.patch')}
            </DropdownItem>
          )}
        </DropdownList>
      </Dropdown>
    </>
  );
}

/** Undefined while there is nothing to send, or nothing that can be. */
function patchCommand({ place, edit }: { place: ObjectPlace; edit: ObjectEdit }): string | undefined {
  const edited = editedObject(edit.text);
  const ops = edited && operationsOf(edit.opened, edited);
  if (!ops || ops.length === 0) return undefined;
  return kubectlPatch({ ...place.resource, namespace: place.namespace, name: place.name }, ops);
}
