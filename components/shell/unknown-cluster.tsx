'use client';

import { PageSection } from '@patternfly/react-core';
import { type ClusterChoice, ClusterMenu } from './cluster-menu';
import { PageMessage } from './page-message';

export function UnknownCluster({ cluster, clusters }: { cluster: string; clusters: ClusterChoice[] }) {
  return (
    <main>
      <PageSection>
        <ClusterMenu cluster={cluster} clusters={clusters} />
      </PageSection>
      <PageMessage
        title="errors.page.unknownClusterTitle"
        body="errors.page.unknownClusterBody"
        values={{ cluster }}
      />
    </main>
  );
}
