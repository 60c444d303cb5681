import { Agent, fetch } from 'undici';
import type { TestSandbox } from '../testing';

/** One sample of an exposition. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

/** Reads Prometheus' text format as far as the sandbox writes it. @throws on a line that is none of it. */
export function readExposition(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    const pairs = [...labels.matchAll(LABEL)].map(([, label = '', quoted = '']) => [
      label,
      quoted.replaceAll(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter)),
    ]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** Status, type and text of a path, asked with a bearer token. */
export async function askAs(sandbox: TestSandbox, token: string | undefined, where: string) {
  const dispatcher = new Agent({ connect: { ca: sandbox.ca } });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(sandbox.url + where, { dispatcher, headers });
  const text = await response.text();
  await dispatcher.destroy();
  return { status: response.status, contentType: response.headers.get('content-type'), text };
}

/** A service account that may read `/metrics` and pods, as the one of a Prometheus. Returns its token. */
export async function monitoringToken(sandbox: TestSandbox): Promise<string> {
  const group = 'rbac.authorization.k8s.io';
  const rbac = `/apis/${group}/v1`;
  await sandbox.createNamespace('monitoring');
  await sandbox.ask('POST', '/api/v1/namespaces/monitoring/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'prometheus' },
  });
  await sandbox.ask('POST', `${rbac}/clusterroles`, {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'prometheus' },
    rules: [
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] },
    ],
  });
  await sandbox.ask('POST', `${rbac}/clusterrolebindings`, {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'prometheus' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'prometheus' },
    subjects: [{ kind: 'ServiceAccount', name: 'prometheus', namespace: 'monitoring' }],
  });
  const where = '/api/v1/namespaces/monitoring/serviceaccounts/prometheus/token';
  const { body } = await sandbox.ask('POST', where, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  return body.status.token;
}
