'use client';

import { Label, Spinner } from '@patternfly/react-core';
import {
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  OffIcon,
  PauseCircleIcon,
} from '@patternfly/react-icons';
import type { ReactNode } from 'react';

/** One meaning each across the product: works, moves, needs a look, is broken, is off, is paused. */
export type StatusTone = 'success' | 'progress' | 'warning' | 'danger' | 'off' | 'paused';

const LOOKS: Record<StatusTone, { icon: ReactNode } & LabelLook> = {
  success: { icon: <CheckCircleIcon />, status: 'success' },
  // Not status "info": its token is purple, which means paused here.
  progress: { icon: <InProgressIcon />, color: 'blue' },
  warning: { icon: <ExclamationTriangleIcon />, status: 'warning' },
  danger: { icon: <ExclamationCircleIcon />, status: 'danger' },
  off: { icon: <OffIcon />, color: 'grey' },
  paused: { icon: <PauseCircleIcon />, color: 'purple' },
};

type LabelLook =
  | { status: 'success' | 'warning' | 'danger'; color?: never }
  | { color: 'blue' | 'grey' | 'purple'; status?: never };

/** Icon, colour and word of a status. `busy` shows that something of ours is under way, in the same size. */
export function StatusLabel({
  tone,
  children,
  busy = false,
}: {
  tone: StatusTone;
  children: string;
  busy?: boolean;
}) {
  const { icon, ...look } = LOOKS[tone];
  return (
    <Label isCompact variant="outline" {...look} icon={busy ? <Spinner isInline size="sm" /> : icon}>
      {children}
    </Label>
  );
}

/** The same without a frame and without measuring itself, for lists of any length. `className` has the colours. */
export function StatusMark({
  tone,
  children,
  busy = false,
  className,
}: {
  tone: StatusTone;
  children: string;
  busy?: boolean;
  className: string | undefined;
}) {
  return (
    <span className={className} data-tone={tone}>
      {busy ? <Spinner isInline size="sm" /> : LOOKS[tone].icon}
      <span>{children}</span>
    </span>
  );
}
