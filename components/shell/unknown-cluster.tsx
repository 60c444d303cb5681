'use client';

import { PageSection } from '@patternfly/react-core';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { ClusterMenu } from './cluster-menu';
import { PageMessage } from './page-message';

export function UnknownCluster({ cluster, clusters }: { cluster: string; clusters: ClusterInfo[] }) {
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
