'use client';

import {
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';

/** One section of the overview. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card isCompact component="section" aria-label={title}>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>{children}</CardBody>
    </Card>
  );
}

/** Terms and what they are; entries without a value are left out. */
export function FactList({ facts, label }: { facts: [term: string, value: ReactNode][]; label: string }) {
  return (
    <DescriptionList
      aria-label={label}
      isHorizontal
      isCompact
      horizontalTermWidthModifier={{ default: '9rem' }}
    >
      {facts.map(([term, value]) =>
        value === undefined || value === '' || value === null ? null : (
          <DescriptionListGroup key={term}>
            <DescriptionListTerm>{term}</DescriptionListTerm>
            <DescriptionListDescription>{value}</DescriptionListDescription>
          </DescriptionListGroup>
        ),
      )}
    </DescriptionList>
  );
}
