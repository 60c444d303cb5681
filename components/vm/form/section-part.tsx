'use client';

import { ExpandableSection } from '@patternfly/react-core';
import { type ReactNode, useId, useState } from 'react';
import styles from './form.module.css';

/**
 * The body of a section, laid out as PatternFly lays out a form. Not a form of its own: it may stand in one, and forms
 * do not nest.
 */
export function SectionBody({ children }: { children: ReactNode }) {
  return <div className="pf-v6-c-form">{children}</div>;
}

/** A titled part of a section; `isFoldable` keeps it folded until it is asked for, or from the start with `isOpen`. */
export function SectionPart({
  title,
  help,
  isFoldable = false,
  isOpen: isOpenAtFirst = false,
  children,
}: {
  title: string;
  help?: ReactNode;
  isFoldable?: boolean;
  isOpen?: boolean;
  children: ReactNode;
}) {
  const id = useId().replaceAll(':', '');
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const content = (
    <>
      {help !== undefined && <p className={styles.note}>{help}</p>}
      <SectionBody>{children}</SectionBody>
    </>
  );
  if (isFoldable)
    return (
      <ExpandableSection
        isIndented
        toggleText={title}
        isExpanded={isOpen}
        onToggle={(_, next) => setOpen(next)}
        toggleId={id}
        contentId={`${id}-content`}
      >
        {isOpen && content}
      </ExpandableSection>
    );
  return (
    <section aria-labelledby={id} className={styles.part}>
      <h3 id={id} className={styles.title}>
        {title}
      </h3>
      {content}
    </section>
  );
}
