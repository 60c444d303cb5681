import { type Authority, makeAuthority } from '../../api/certificates';
import type { ClusterApi, KubeObject } from '../../api/objects';

const NAMESPACE = 'kubevirt';
/** Secret and ConfigMap of one name, as virt-operator makes them. */
const NAME = 'kubevirt-export-ca';
const COMMON_NAME = 'export.kubevirt.io';

/** A Secret, or a ConfigMap: text by key, of Secrets in base64. */
export interface Data extends KubeObject {
  data?: Record<string, string>;
}

/**
 * The CA that exporters' certificates are signed with; made and published when it is first needed, and kept in the
 * cluster, so that links that were handed out stay good.
 */
export function exportAuthority(cluster: ClusterApi): Authority {
  const kept = cluster.get<Data>('secrets', NAMESPACE, NAME)?.data;
  if (kept?.['tls.crt'] && kept['tls.key']) {
    return { commonName: COMMON_NAME, certificate: plain(kept['tls.crt']), key: plain(kept['tls.key']) };
  }
  const authority = makeAuthority(COMMON_NAME);
  const labels = { 'app.kubernetes.io/managed-by': 'virt-operator', 'kubevirt.io': '' };
  const metadata = { name: NAME, namespace: NAMESPACE, labels };
  const operator = cluster.as('virt-operator');
  operator.create('secrets', {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls' },
    data: { 'tls.crt': base64(authority.certificate), 'tls.key': base64(authority.key) },
  });
  operator.delete('configmaps', NAMESPACE, NAME);
  operator.create('configmaps', {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata },
    data: { 'ca-bundle': authority.certificate },
  });
  return authority;
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function plain(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString();
}
