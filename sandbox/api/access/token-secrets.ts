import type { ClusterApi, KubeObject } from '../objects';
import type { ServiceAccountTokens } from './service-account-tokens';

const TOKEN_SECRET = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

/**
 * The token controller: fills Secrets of type kubernetes.io/service-account-token, and takes them away with their
 * account. Returns the way to stop.
 */
export function keepTokenSecrets(cluster: ClusterApi, tokens: ServiceAccountTokens, ca: string): () => void {
  const look = (secret: KubeObject) => {
    if (secret.type !== TOKEN_SECRET || secret.metadata.deletionTimestamp) return;
    const { name, namespace = '' } = secret.metadata;
    const account = cluster.get(
      'serviceaccounts',
      namespace,
      secret.metadata.annotations?.[ACCOUNT_NAME] ?? '',
    );
    const uid = secret.metadata.annotations?.[ACCOUNT_UID];
    if (!account || (uid !== undefined && uid !== account.metadata.uid)) {
      cluster.delete('secrets', namespace, name);
      return;
    }
    cluster.update('secrets', namespace, name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [ACCOUNT_UID]: account.metadata.uid };
      const data = draft.data as Record<string, string> | undefined;
      const encoded = (text: string) => Buffer.from(text).toString('base64');
      draft.data = {
        'ca.crt': encoded(ca),
        namespace: encoded(namespace),
        ...(data?.token ? {} : { token: encoded(tokens.issueLegacy(account, name)) }),
        ...data,
      };
    });
  };
  const stopSecrets = cluster.watch('secrets', ({ type, object }) => {
    if (type !== 'DELETED') look(object);
  });
  const stopAccounts = cluster.watch('serviceaccounts', ({ type, object }) => {
    if (type !== 'DELETED') return;
    for (const secret of cluster.list('secrets', object.metadata.namespace)) look(secret);
  });
  return () => {
    stopSecrets();
    stopAccounts();
  };
}
