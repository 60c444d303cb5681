import assert from 'node:assert/strict';
import { CONFIG_MAPS, claim, DEPLOYMENTS, deployment, PODS, pod } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

interface Taint {
  key: string;
}

export const administration: Chapter<Kubectl> = {
  title: 'Nodes and limits',
  operations: [
    {
      name: 'cordon, drain, uncordon',
      async run(k) {
        // Only what stands on this node may be seen to move.
        const spec = { ...deployment('drained', 2), metadata: { name: 'drained' } };
        await k.put(DEPLOYMENTS, spec);
        await k.until(`${DEPLOYMENTS}/drained`, ({ status }) => status?.availableReplicas === 2);
        await k.do('cordon', 'node-3');
        assert.equal((await k.get('/api/v1/nodes/node-3')).spec.unschedulable, true);
        const words = [
          'drain',
          'node-3',
          '--ignore-daemonsets',
          '--force',
          '--pod-selector=app=drained',
          '--timeout=50s',
        ];
        assert.match(
          await k.do(...words, k.minor >= 20 ? '--delete-emptydir-data' : '--delete-local-data'),
          /node-3 (drained|evicted)/,
        );
        await k.until(
          PODS,
          ({ items }) =>
            items.length === 2 &&
            items.every(
              (one: { spec: { nodeName?: string } }) => one.spec.nodeName && one.spec.nodeName !== 'node-3',
            ),
        );
        await k.do('uncordon', 'node-3');
        assert.equal((await k.get('/api/v1/nodes/node-3')).spec.unschedulable, undefined);
      },
    },
    {
      name: 'drain --dry-run=server',
      // Older ones evict through policy/v1beta1, which servers of today have not.
      since: 22,
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('dry', 3));
        await k.until(`${DEPLOYMENTS}/dry`, ({ status }) => status?.availableReplicas === 3);
        assert.match(
          await k.do(
            'drain',
            'node-2',
            '--ignore-daemonsets',
            '--force',
            '--pod-selector=app=dry',
            '--dry-run=server',
          ),
          /node-2 (drained|evicted) \(server dry run\)/,
        );
        assert.equal((await k.get('/api/v1/nodes/node-2')).spec.unschedulable, undefined);
      },
    },
    {
      name: 'taint',
      async run(k) {
        const taint = `conformance.example.com/${k.namespace}`;
        const taints = async (): Promise<string[]> =>
          ((await k.get('/api/v1/nodes/node-2')).spec.taints ?? []).map(({ key }: Taint) => key);
        await k.do('taint', 'node', 'node-2', `${taint}=x:PreferNoSchedule`);
        assert.ok((await taints()).includes(taint));
        await k.do('taint', 'node', 'node-2', `${taint}-`);
        assert.ok(!(await taints()).includes(taint));
      },
    },
    {
      name: 'create quota, and a refusal by it',
      async run(k) {
        await k.do('create', 'quota', 'tight', '--hard=persistentvolumeclaims=1');
        await k.until('/api/v1/namespaces/{ns}/resourcequotas/tight', ({ status }) => status?.hard);
        await k.do('create', '-f', await k.file(claim('first')));
        assert.match(
          await k.refused('create', '-f', await k.file(claim('second'))),
          /\(Forbidden\)[\s\S]*persistentvolumeclaims "second" is forbidden: exceeded quota: tight, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1/,
        );
        assert.match(await k.do('describe', 'quota', 'tight'), /persistentvolumeclaims +1 +1/);
      },
    },
    {
      name: 'a limit range: defaults and a refusal',
      async run(k) {
        const limits = [{ type: 'Container', default: { memory: '64Mi' }, max: { memory: '128Mi' } }];
        await k.do(
          'apply',
          '-f',
          await k.file({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits } }),
        );
        await k.do('create', '-f', await k.file(pod('small')));
        assert.equal((await k.get(`${PODS}/small`)).spec.containers[0].resources.limits.memory, '64Mi');
        assert.match(
          await k.refused(
            'create',
            '-f',
            await k.file(pod('big', { resources: { limits: { memory: '1Gi' } } })),
          ),
          /pods "big" is forbidden: maximum memory usage per Container is 128Mi, but limit is 1Gi/,
        );
      },
    },
    {
      name: 'a namespace has its root certificate and its service account',
      async run(k) {
        const ns = `${k.namespace}-new`;
        await k.do('create', 'ns', ns);
        const certificate = await k.until(`${CONFIG_MAPS.replace('{ns}', ns)}/kube-root-ca.crt`, Boolean);
        assert.match(certificate.data['ca.crt'], /BEGIN CERTIFICATE/);
        await k.until(`/api/v1/namespaces/${ns}/serviceaccounts/default`, Boolean);
      },
    },
    {
      name: 'get componentstatuses',
      differs: 'Refused: this kind, long deprecated, is not served.',
      async run(k) {
        assert.match(
          await k.refused('get', 'componentstatuses'),
          /doesn't have a resource type "componentstatuses"/,
        );
      },
    },
    {
      name: 'cluster-info dump',
      differs: 'Ends at the ReplicationControllers, which the sandbox does not serve.',
      async run(k) {
        assert.match(
          await k.refused('cluster-info', 'dump', '--namespaces', k.namespace),
          /could not find the requested resource \(get replicationcontrollers\)/,
        );
      },
    },
  ],
};
