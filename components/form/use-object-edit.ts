'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { useOnSignedIn } from '@/lib/live/sessions';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { maskSecret } from '@/lib/manifest/secret';
import { readRefusal, readWarnings, type Said } from '@/lib/manifest/server-words';
import { type Draft, readDraft } from './draft';
import {
  editedObject,
  followObject,
  isChanged,
  type ObjectEdit,
  openObject,
  restate,
  settleConflict,
  typeText,
} from './object-edit';
import { saveObject, versionOf } from './save-object';
import { type SaveWay, saveWhole } from './save-whole';
import { useDraft } from './use-draft';

export interface ObjectPlace {
  cluster: string;
  resource: Resource;
  namespace: string | undefined;
  name: string;
}

/** What the server said to the last attempt to save. */
export interface Answer {
  said: Said[];
  /** Absent when it was accepted. */
  error?: ApiErrorJson;
  /** Sentences of the refusal that name no field. */
  rest: string[];
}

/** An edit with what can be done to it; whatever shows it shows the same one. */
export type ObjectWork = ReturnType<typeof useObjectEdit>;

const NONE_STAYED: readonly string[] = [];
const NO_ANSWER: Answer = { said: [], rest: [] };

/** Earlier work that may be taken up again: left by a closed tab, or just discarded. */
export type Offer = Draft<ManifestObject>;

/** The edit of one object with all that happens to it: the watch, drafts, saving, masked secrets. */
export function useObjectEdit(place: ObjectPlace, live: ManifestObject) {
  const { cluster, resource, namespace, name } = place;
  const isSecret = resource.group === '' && resource.kind === 'Secret';
  const [isRevealed, setRevealed] = useState(false);
  const raw = useRef(new WeakMap<ManifestObject, ManifestObject>());
  const view = useCallback(
    (object: ManifestObject) => {
      if (!isSecret || isRevealed) return object;
      const masked = maskSecret(object);
      raw.current.set(masked, object);
      return masked;
    },
    [isSecret, isRevealed],
  );
  const [edit, setEdit] = useState<ObjectEdit>(() => openObject(view(live)));
  const [answer, setAnswer] = useState<Answer>(NO_ANSWER);
  const [state, setState] = useState<'idle' | 'saving' | 'saved'>('idle');
  const [stayed, setStayed] = useState<readonly string[]>(NONE_STAYED);
  const changed = isChanged(edit);

  // Values of a Secret are not left behind in the browser.
  const uid = isMapping(live.metadata) ? String(live.metadata.uid ?? '') : '';
  const draftKey = isSecret || !uid ? undefined : `object/${cluster}/${uid}`;
  const [offer, setOffer] = useState<Offer>();
  useEffect(() => {
    const draft = draftKey ? readDraft<ManifestObject>(draftKey) : undefined;
    if (draft) setOffer(draft);
  }, [draftKey]);
  const isKept = useDraft<ManifestObject>(
    draftKey,
    changed ? { text: edit.text, base: edit.opened } : undefined,
  );

  // A watch may lag behind what a save has returned: an object seen before is never news.
  const seen = useRef(new Set<string>());
  useEffect(() => {
    const version = versionOf(live);
    if (seen.current.has(version)) return;
    seen.current.add(version);
    setEdit((current) => (isOlder(live, current.opened) ? current : followObject(current, view(live))));
  }, [live, view]);

  const type = useCallback((text: string) => {
    setState('idle');
    setEdit((current) => typeText(current, text));
  }, []);

  const rewrite = useCallback((change: (current: ObjectEdit) => string | undefined) => {
    setState('idle');
    setEdit((current) => {
      const text = change(current);
      return text === undefined ? current : typeText(current, text);
    });
  }, []);

  const save = async (
    from: ObjectEdit,
    way: SaveWay = 'patch',
  ): Promise<'saved' | 'conflict' | 'refused'> => {
    setState('saving');
    const manifest = { object: editedObject(from.text) ?? {} };
    const path = resourcePath(resource, namespace, name);
    try {
      const options = { call: callApi, cluster, path, view };
      const whole = way === 'patch' ? undefined : await saveWhole(way, from, options);
      const outcome = whole ?? (await saveObject(from, options));
      setStayed(whole?.stayed ?? NONE_STAYED);
      seen.current.add(versionOf(outcome.edit.opened));
      setEdit(outcome.edit);
      setState(outcome.kind === 'saved' ? 'saved' : 'idle');
      if (outcome.kind === 'saved') {
        setAnswer({ said: readWarnings({ object: outcome.edit.opened }, outcome.warnings), rest: [] });
      } else if (outcome.kind === 'refused') {
        setAnswer({ ...readRefusal(manifest, outcome.error), error: outcome.error.toJSON() });
      } else setAnswer(NO_ANSWER);
      return outcome.kind;
    } catch (error) {
      setState('idle');
      const told =
        error instanceof ApiError
          ? error
          : new ApiError(0, 'Unexpected', String(error), { method: '', path });
      setAnswer({ said: [], rest: [told.message], error: told.toJSON() });
      return 'refused';
    }
  };

  // What was refused for want of a session can be sent now: the text stands as it was.
  const forgive = useCallback(() => {
    setAnswer((before) => (before.error && isSignInNeeded(before.error) ? NO_ANSWER : before));
  }, []);
  useOnSignedIn(cluster, forgive);

  const discard = () => {
    if (changed) setOffer({ text: edit.text, base: edit.opened, at: Date.now() });
    setAnswer(NO_ANSWER);
    setState('idle');
    setEdit(openObject(edit.ahead?.latest ?? edit.opened));
  };

  const restore = () => {
    if (!offer) return;
    setEdit(
      followObject({ opened: offer.base, text: offer.text, ahead: undefined, mergedLines: 0 }, edit.opened),
    );
    setOffer(undefined);
  };

  const toggleReveal = () => {
    const shown = (object: ManifestObject) => raw.current.get(object) ?? maskAgain(object, raw.current);
    const restated = restate(edit, shown(edit.opened));
    if (!restated) return;
    setEdit(edit.ahead ? followObject(restated, shown(edit.ahead.latest)) : restated);
    setRevealed(!isRevealed);
  };

  return {
    edit,
    setEdit,
    answer,
    state,
    changed,
    isKept,
    draftKey,
    offer,
    dismissOffer: () => setOffer(undefined),
    restore,
    discard,
    type,
    /** Types what becomes of the text as it is by then; undefined leaves it. */
    rewrite,
    save,
    /** Fields that the last save by server-side apply left, because others own them. */
    stayed,
    settle: (text: string) => {
      const settled = settleConflict(edit, text);
      setEdit(settled);
      return settled;
    },
    reveal: isSecret ? { isRevealed, toggle: toggleReveal } : undefined,
  };
}

function maskAgain(object: ManifestObject, raw: WeakMap<ManifestObject, ManifestObject>): ManifestObject {
  const masked = maskSecret(object);
  raw.set(masked, object);
  return masked;
}

/** `generation` only grows; kinds without one are never older. */
function isOlder(object: ManifestObject, than: ManifestObject): boolean {
  const generation = ({ metadata }: ManifestObject) =>
    isMapping(metadata) ? Number(metadata.generation) : Number.NaN;
  return generation(object) < generation(than);
}
