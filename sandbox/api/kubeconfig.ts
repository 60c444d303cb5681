import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { USERS } from './authentication';

const CLUSTER = 'sandbox';

/** `sandbox` for the administrator, `sandbox-dana` and so on for the others. */
export function contextName(user: string): string {
  return user === 'admin' ? CLUSTER : `${CLUSTER}-${user}`;
}

/** A kubeconfig with one context for each user; `ca` is PEM. */
export function kubeconfigText(url: string, ca: string, tokens: Record<string, string>): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CLUSTER,
    clusters: [
      {
        name: CLUSTER,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: USERS.map(({ name }) => ({ name: contextName(name), user: { token: tokens[name] } })),
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
