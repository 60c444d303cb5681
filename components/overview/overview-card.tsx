import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import type { ReactNode } from 'react';

/** One part of the overview; a landmark of its own. */
export function OverviewCard({
  title,
  isStale = false,
  children,
}: {
  title: string;
  /** What shows is the last that was known. */
  isStale?: boolean;
  children: ReactNode;
}) {
  return (
    <Card isCompact isFullHeight component="section" aria-label={title}>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody className={isStale ? 'portlight-stale' : undefined}>{children}</CardBody>
    </Card>
  );
}
