'use client';

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DraftEdit, VmDraft } from '@/lib/kinds/vm/form/field';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import type { Problem } from '@/lib/manifest/problem';
import { readManifests } from '@/lib/manifest/read';
import { draftOf, objectsOf, type PlacedDraft } from './manifest-draft';

export interface VmDocument {
  /** What the text says, or said when it could last be read. */
  draft: VmDraft;
  /** Changes the objects and writes what differs into the text; nothing while the text can't be read. */
  change: (edit: DraftEdit) => void;
  /** Why the form can't follow the text. */
  lock: Lock | undefined;
}

export type Lock = { kind: 'unreadable'; problem: Problem | undefined } | { kind: 'no-vm' };

const NOTHING: VmDraft = { vm: {}, others: [] };

/** The VM and its companions in a text that people type in and forms write to. */
export function useVmDocument(text: string, onText: (text: string) => void): VmDocument {
  const read = useMemo(() => readVm(text), [text]);
  const [last, setLast] = useState<PlacedDraft>();
  const placed = 'draft' in read ? read : undefined;
  if (placed && placed !== last) setLast(placed);

  // Several changes may come before the next render; each builds on the one before.
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  const change = useCallback(
    (edit: DraftEdit) => {
      const now = readVm(latest.current);
      if (!('draft' in now)) return;
      const after = edit(now.draft);
      if (after === now.draft) return;
      const written = rewriteDocuments(latest.current, objectsOf(now, after));
      if (written === undefined || written === latest.current) return;
      latest.current = written;
      onText(written);
    },
    [onText],
  );
  return {
    draft: (placed ?? last)?.draft ?? NOTHING,
    change,
    lock: 'draft' in read ? undefined : read,
  };
}

/** A text as the form sees it. */
export function readVm(text: string): PlacedDraft | Lock {
  const documents = readDocuments(text);
  if (!documents) {
    const [problem] = readManifests(text).problems.filter(({ severity }) => severity === 'error');
    return { kind: 'unreadable', problem };
  }
  return draftOf(documents.objects) ?? { kind: 'no-vm' };
}
