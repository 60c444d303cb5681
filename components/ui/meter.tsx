import styles from './ui.module.css';

/**
 * A bar of what is used (filled) and what is asked for (outlined) of a whole. Shares are from 0 up; what is more than
 * there is fills the bar and changes its colour. `label` says the same in words.
 */
export function Meter({ used, requested, label }: { used?: number; requested?: number; label: string }) {
  const width = (share: number) => `${Math.min(1, share) * 100}%`;
  const isOver = (used ?? 0) > 1 || (requested ?? 0) > 1;
  return (
    <div role="img" aria-label={label} title={label} className={styles.meter} data-over={isOver || undefined}>
      {requested !== undefined && requested > 0 && (
        <span className={styles.meterRequested} style={{ inlineSize: width(requested) }} />
      )}
      {used !== undefined && used > 0 && (
        <span
          className={styles.meterUsed}
          style={{ inlineSize: width(used) }}
          data-high={used > 0.9 || undefined}
        />
      )}
    </div>
  );
}
