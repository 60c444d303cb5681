'use client';

import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { paths } from '@/lib/paths';
import type { VmSection } from '../form/sections';
import styles from './configure.module.css';

/** The parts of a VM's configuration, each at an address of its own. */
export function SectionList({
  target,
  sections,
  shown,
  changed,
}: {
  target: Ref;
  sections: readonly VmSection[];
  shown: string;
  /** Ids of those in which something is changed and not saved. */
  changed: ReadonlySet<string>;
}) {
  const t = useText();
  return (
    <nav aria-label={t('configure.sections')} className={styles.side}>
      <ul>
        {sections.map(({ id, title }) => (
          <li key={id}>
            <a
              href={paths.vmSection(target, id)}
              aria-current={id === shown ? 'page' : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                window.history.pushState(null, '', paths.vmSection(target, id));
              }}
            >
              {t(title)}
              {changed.has(id) && (
                <>
                  <span className={styles.mark} aria-hidden="true" />
                  <span className="pf-v6-screen-reader">{t('configure.changed')}</span>
                </>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
