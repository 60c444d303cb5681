'use client';

import { useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import { callApi } from '@/lib/k8s/request';

/** What virtctl asks as well; every user that the cluster knows may (the role kubevirt.io:default). */
const VERSION_PATH = '/apis/subresources.kubevirt.io/v1/version';

/** Which KubeVirt a cluster runs, asked once. */
export function KubevirtVersion({ cluster }: { cluster: string }) {
  const t = useText();
  const [version, setVersion] = useState<string | null>();
  useEffect(() => {
    const stop = new AbortController();
    callApi<{ gitVersion?: string }>(cluster, VERSION_PATH, { signal: stop.signal }).then(
      ({ body }) => setVersion(body?.gitVersion ?? null),
      () => stop.signal.aborted || setVersion(null),
    );
    return () => stop.abort();
  }, [cluster]);
  if (version === undefined) return null;
  return <div>{version ? t('clusters.kubevirt', { version }) : t('clusters.noKubevirt')}</div>;
}
