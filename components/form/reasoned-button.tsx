'use client';

import { Button, Tooltip } from '@patternfly/react-core';

/** The main button of a form. It stays when it can't be used and says why. */
export function ReasonedButton({
  label,
  reason,
  onExplain,
  isLoading = false,
  variant = 'primary',
  onClick,
}: {
  label: string;
  reason: string | undefined;
  /** Shows more about the reason, when somebody tries all the same. */
  onExplain?: (() => void) | undefined;
  isLoading?: boolean;
  variant?: 'primary' | 'secondary';
  onClick: () => void;
}) {
  const button = (
    <Button
      variant={variant}
      isAriaDisabled={reason !== undefined}
      {...(reason !== undefined && onExplain
        ? { inoperableEvents: [], 'aria-haspopup': 'dialog' as const }
        : {})}
      isLoading={isLoading}
      spinnerAriaLabel={isLoading ? label : undefined}
      onClick={reason !== undefined ? onExplain : isLoading ? undefined : onClick}
    >
      {label}
    </Button>
  );
  return reason === undefined ? (
    button
  ) : (
    <Tooltip content={reason} entryDelay={0}>
      {button}
    </Tooltip>
  );
}
