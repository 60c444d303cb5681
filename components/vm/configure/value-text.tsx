import { stringify } from 'yaml';
import { useText } from '@/components/ui/text';
import styles from './configure.module.css';

/** A value of a manifest, short ones in line. */
export function ValueText({ value }: { value: unknown }) {
  const t = useText();
  if (value === undefined || value === null)
    return <span className={styles.subtle}>{t('configure.notSet')}</span>;
  if (typeof value !== 'object') return <code className={styles.value}>{String(value)}</code>;
  if (Object.keys(value).length === 0)
    return <code className={styles.value}>{Array.isArray(value) ? '[]' : '{}'}</code>;
  return <pre className={styles.block}>{stringify(value).trimEnd()}</pre>;
}
