import { Label } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { Applies } from '@/lib/kinds/vm/form/apply-context';
import type { Text } from '@/lib/text';
import styles from './configure.module.css';
import { ValueText } from './value-text';

const COLOURS = { now: 'green', migration: 'blue', restart: 'yellow' } as const;

/** One change of a VM: what it is, from what to what, and when it counts. */
export interface ChangeRow {
  path: string;
  before: unknown;
  after: unknown;
  /** Undefined where no guest runs. */
  applies?: Applies | undefined;
  why?: Text | undefined;
  /** In place of when it applies. */
  state?: Text | undefined;
}

/** Changes one below the other. */
export function ChangeRows({ rows, label }: { rows: readonly ChangeRow[]; label: string }) {
  const t = useText();
  return (
    <ul className={styles.changes} aria-label={label}>
      {rows.map(({ path, before, after, applies, why, state }) => (
        <li key={path}>
          <div className={styles.changeHead}>
            <code className={styles.path}>{path}</code>
            {state ? (
              <Label isCompact color="blue">
                {t(state)}
              </Label>
            ) : (
              applies && (
                <Label isCompact color={COLOURS[applies]}>
                  {t(`form.applies.${applies}`)}
                </Label>
              )
            )}
          </div>
          <div className={styles.values}>
            <ValueText value={before} />
            <span aria-hidden="true">→</span>
            <span className="pf-v6-screen-reader">{t('configure.becomes')}</span>
            <ValueText value={after} />
          </div>
          {why && <p className={styles.subtle}>{t(why)}</p>}
        </li>
      ))}
    </ul>
  );
}
