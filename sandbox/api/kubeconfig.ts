import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { USERS } from './authentication';
import type { ServerIdentity } from './certificates';

const CLUSTER = 'sandbox';

/** `sandbox` for the administrator, `sandbox-dana` and so on for the others. */
export function contextName(user: string): string {
  return user === 'admin' ? CLUSTER : `${CLUSTER}-${user}`;
}

const base64 = (pem: string) => Buffer.from(pem).toString('base64');

/**
 * A kubeconfig with one context for each user. The administrator has a client certificate, as from kubeadm, and a token
 * beside it: not every client can show a certificate. The server believes the certificate first; both are one person.
 */
export function kubeconfigText(
  url: string,
  { ca, admin }: Pick<ServerIdentity, 'ca' | 'admin'>,
  tokens: Record<string, string>,
): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CLUSTER,
    clusters: [
      {
        name: CLUSTER,
        cluster: { server: url, 'certificate-authority-data': base64(ca) },
      },
    ],
    users: USERS.map((user) => ({
      name: contextName(user.name),
      user: {
        ...(user === USERS[0]
          ? { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) }
          : {}),
        token: tokens[user.name],
      },
    })),
    contexts: USERS.map(({ name, namespace }) => ({
      name: contextName(name),
      context: { cluster: CLUSTER, user: contextName(name), ...(namespace ? { namespace } : {}) },
    })),
  });
}

/** Writes the file as a whole or not at all, readable by its owner alone. */
export function writeKubeconfig(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
