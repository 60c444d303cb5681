'use client';

import { Button, Tooltip } from '@patternfly/react-core';

/** The main button of a form. It stays when it can't be used and says why. */
export function ReasonedButton({
  label,
  reason,
  isLoading = false,
  variant = 'primary',
  onClick,
}: {
  label: string;
  reason: string | undefined;
  isLoading?: boolean;
  variant?: 'primary' | 'secondary';
  onClick: () => void;
}) {
  const button = (
    <Button
      variant={variant}
      isAriaDisabled={reason !== undefined}
      isLoading={isLoading}
      spinnerAriaLabel={isLoading ? label : undefined}
      onClick={isLoading ? undefined : onClick}
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
