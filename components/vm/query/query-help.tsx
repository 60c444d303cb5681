'use client';

import { useText } from '@/components/ui/text';
import { VM_FIELDS } from '@/lib/kinds/vm/language/fields';
import type { MessageKey } from '@/lib/text';
import styles from './query.module.css';

const SAMPLES: [string, MessageKey][] = [
  ['web status:running', 'query.help.and'],
  ['status:running,paused', 'query.help.or'],
  ['-os:windows', 'query.help.not'],
  ['"red hat"', 'query.help.phrase'],
  ['name:web-?*', 'query.help.wildcard'],
  ['os="Fedora Linux 42"', 'query.help.exact'],
  ['node:none', 'query.help.empty'],
  ['cpu:2..8', 'query.help.range'],
];

/** How queries are written, with every field. */
export function QueryHelp() {
  const t = useText();
  return (
    <div className={styles.help}>
      <p>{t('query.help.intro')}</p>
      <dl>
        {SAMPLES.map(([sample, about]) => (
          <div key={sample}>
            <dt className="portlight-mono">{sample}</dt>
            <dd>{t(about)}</dd>
          </div>
        ))}
      </dl>
      <h2>{t('query.help.fields')}</h2>
      <dl>
        {VM_FIELDS.map(({ name, example, about }) => (
          <div key={name}>
            <dt className="portlight-mono">
              {name}
              {example}
            </dt>
            <dd>{t(about)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
