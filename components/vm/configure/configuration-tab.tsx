'use client';

import { Title } from '@patternfly/react-core';
import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { isWithin } from '@/lib/kinds/vm/form/field';
import { differences } from '@/lib/manifest/changes';
import { editable } from '@/lib/manifest/edit';
import { fieldPathText } from '@/lib/manifest/field-path';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { VM_SECTIONS } from '../form/sections';
import { useVmForm } from '../form/vm-form';
import styles from './configure.module.css';
import { SectionList } from './section-list';

/** Those have tabs of their own. */
const OWN_TABS = ['disks', 'networks'];
const SECTIONS = VM_SECTIONS.filter(({ id, modes }) => modes.includes('configure') && !OWN_TABS.includes(id));

/** The parts of a VM's form in a side list; the address names the one that shows. */
export function ConfigurationTab({ target, opened }: { target: Ref; opened: ManifestObject }) {
  const t = useText();
  const { draft } = useVmForm();
  const asked = useSearchParams().get('section');
  const section = SECTIONS.find(({ id }) => id === asked) ?? SECTIONS[0];
  const changed = useMemo(() => {
    const places = differences(editable(opened), editable(draft.vm)).map(({ path }) => fieldPathText(path));
    const touches = (paths: readonly string[]) =>
      places.some((place) => paths.some((each) => isWithin(place, each) || isWithin(each, place)));
    return new Set(SECTIONS.flatMap(({ id, paths }) => (touches(paths) ? [id] : [])));
  }, [opened, draft.vm]);
  if (!section) return null;
  const { Component } = section;
  return (
    <div className={styles.split}>
      <SectionList target={target} sections={SECTIONS} shown={section.id} changed={changed} />
      <section className={styles.body} aria-labelledby="configure-section">
        <Title headingLevel="h2" size="lg" id="configure-section">
          {t(section.title)}
        </Title>
        <Component key={section.id} />
      </section>
    </div>
  );
}
