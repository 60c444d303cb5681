'use client';

import { Button, type ButtonProps, Tooltip } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { ActionItem } from './action-item';

/** One action as a button. Unavailable, it stays in reach and says why, on hover, focus and to a screen reader. */
export function ActionButton({
  item,
  icon,
  variant = 'secondary',
}: {
  item: ActionItem;
  icon?: ReactNode;
  variant?: ButtonProps['variant'];
}) {
  const { label, reason, onExplain, busy = false, href, here, onSelect } = item;
  const explains = reason !== undefined && onExplain !== undefined;
  return (
    // Always there, so that the button stays the same element, and keeps its focus, when the reason comes or goes.
    <Tooltip
      content={reason ?? label}
      entryDelay={0}
      {...(reason ? {} : { trigger: 'manual', isVisible: false })}
    >
      <Button
        variant={variant}
        icon={icon}
        isAriaDisabled={Boolean(reason)}
        {...(explains ? { inoperableEvents: [], 'aria-haspopup': 'dialog' as const } : {})}
        isLoading={busy}
        spinnerAriaLabel={busy ? label : undefined}
        {...(href && !reason
          ? { component: 'a' as const, href, ...(here ? {} : { target: '_blank', rel: 'noopener' }) }
          : { onClick: explains ? onExplain : busy ? undefined : onSelect })}
      >
        {label}
      </Button>
    </Tooltip>
  );
}
