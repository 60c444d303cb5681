'use client';

import { Button, Card, CardBody, CardFooter, CardTitle, Content } from '@patternfly/react-core';
import Link from 'next/link';
import { EXAMPLES } from '@/components/form/create/examples';
import { CopyBlock } from '@/components/ui/copy-block';
import { useText } from '@/components/ui/text';
import { paths } from '@/lib/paths';
import styles from './overview.module.css';

const [FIRST] = EXAMPLES;

/** For a cluster without VMs: three ways to make the first one. */
export function FirstVm({ cluster }: { cluster: string }) {
  const t = useText();
  const command = `kubectl create -f - <<'EOF'\n${FIRST?.yaml.trim()}\nEOF`;
  return (
    <section aria-label={t('overview.first.title')}>
      <Content component="h2">{t('overview.first.title')}</Content>
      <Content component="p">{t('overview.first.body')}</Content>
      <div className={styles.ways}>
        <Card isCompact>
          <CardTitle component="h3">{t('overview.first.example')}</CardTitle>
          <CardBody>{t('overview.first.exampleBody')}</CardBody>
          <CardFooter>
            <Button component={Link} href={paths.createVm(cluster, { example: FIRST?.id })}>
              {t('overview.first.exampleButton')}
            </Button>
          </CardFooter>
        </Card>
        <Card isCompact>
          <CardTitle component="h3">{t('overview.first.yaml')}</CardTitle>
          <CardBody>{t('overview.first.yamlBody')}</CardBody>
          <CardFooter>
            <Button variant="secondary" component={Link} href={paths.createYaml(cluster)}>
              {t('overview.first.yamlButton')}
            </Button>
          </CardFooter>
        </Card>
        <Card isCompact>
          <CardTitle component="h3">{t('overview.first.kubectl')}</CardTitle>
          <CardBody>
            <p>{t('overview.first.kubectlBody')}</p>
            <CopyBlock label={t('overview.first.kubectlLabel')}>{command}</CopyBlock>
          </CardBody>
        </Card>
      </div>
    </section>
  );
}
