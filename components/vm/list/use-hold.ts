'use client';

import { type FocusEvent, type PointerEvent, useCallback, useMemo, useState } from 'react';

type Why = 'pointer' | 'focus' | 'menu';

/** Why rows must keep their places, and the handlers that find it out. */
export interface Hold {
  hold: boolean;
  /** The focus is in a row. */
  focused: boolean;
  /** A row's menu opens or closes. */
  setMenu: (open: boolean) => void;
  /** Lets the rows take their new places once; from the next movement on they are held again. */
  release: () => void;
  /** For the element that has the rows in it. */
  handlers: {
    onPointerEnter: (event: PointerEvent) => void;
    onPointerMove: (event: PointerEvent) => void;
    onPointerLeave: (event: PointerEvent) => void;
    onFocus: (event: FocusEvent<HTMLElement>) => void;
    onBlur: (event: FocusEvent<HTMLElement>) => void;
  };
}

/** Rows keep their places while the pointer is over them, the focus in one of them, or the menu of one open. */
export function useHold(): Hold {
  const [reasons, setReasons] = useState<readonly Why[]>([]);
  const put = useCallback((why: Why, on: boolean) => {
    setReasons((now) => {
      if (now.includes(why) === on) return now;
      return on ? [...now, why] : now.filter((each) => each !== why);
    });
  }, []);
  const handlers = useMemo(
    () => ({
      // A finger is no pointer that hovers: what it means to press it presses.
      onPointerEnter: ({ pointerType }: PointerEvent) => put('pointer', pointerType !== 'touch'),
      onPointerMove: ({ pointerType }: PointerEvent) => put('pointer', pointerType !== 'touch'),
      onPointerLeave: () => put('pointer', false),
      onFocus: ({ currentTarget, target }: FocusEvent<HTMLElement>) => {
        // React counts menus and dialogs to the row that opened them, wherever they stand.
        if (currentTarget.contains(target)) put('focus', true);
      },
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) => {
        if (!currentTarget.contains(relatedTarget)) put('focus', false);
      },
    }),
    [put],
  );
  const setMenu = useCallback((open: boolean) => put('menu', open), [put]);
  const release = useCallback(() => setReasons([]), []);
  return { hold: reasons.length > 0, focused: reasons.includes('focus'), setMenu, release, handlers };
}
