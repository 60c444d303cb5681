import assert from 'node:assert/strict';
import { testVm } from '../../testing';
import { DEPLOYMENTS, deployment, PODS, VMIS, VMS } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

const VMI_SETS = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachineinstancereplicasets';
const POOLS = '/apis/pool.kubevirt.io/v1beta1/namespaces/{ns}/virtualmachinepools';

async function rolledOut(k: Kubectl, name: string): Promise<void> {
  await k.put(DEPLOYMENTS, deployment(name, 1, 'nginx:1'));
  await k.do('rollout', 'status', `deploy/${name}`, '--timeout=30s');
}

const imageOf = async (k: Kubectl, name: string) =>
  (await k.get(`${DEPLOYMENTS}/${name}`)).spec.template.spec.containers[0].image;

export const workloads: Chapter<Kubectl> = {
  title: 'Workloads',
  operations: [
    {
      name: 'scale deployment, --current-replicas',
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('scaled', 1));
        await k.do('scale', 'deploy/scaled', '--replicas=3');
        await k.until(`${DEPLOYMENTS}/scaled`, ({ status }) => status.availableReplicas === 3);
        assert.match(
          await k.refused('scale', 'deploy/scaled', '--current-replicas=1', '--replicas=2'),
          /Expected replicas to be 1, was 3/,
        );
      },
    },
    {
      name: 'scale vmirs',
      async run(k) {
        // The pod template of a VM, as testVm makes it, is what a replica set makes instances from.
        const { spec } = testVm('set', 'Halted') as { spec: { template: object } };
        await k.put(VMI_SETS, {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstanceReplicaSet',
          metadata: { name: 'set' },
          spec: { replicas: 0, selector: { matchLabels: { app: 'set' } }, template: spec.template },
        });
        await k.do('scale', 'vmirs/set', '--replicas=2');
        await k.until(VMIS, ({ items }) => items.length === 2);
      },
    },
    {
      name: 'scale vmpool',
      async run(k) {
        const { spec } = testVm('pool', 'Halted') as { spec: object };
        await k.put(POOLS, {
          apiVersion: 'pool.kubevirt.io/v1beta1',
          kind: 'VirtualMachinePool',
          metadata: { name: 'pool' },
          spec: {
            replicas: 0,
            selector: { matchLabels: { pool: 'p' } },
            virtualMachineTemplate: { metadata: { labels: { pool: 'p' } }, spec },
          },
        });
        await k.do('scale', 'vmpool/pool', '--replicas=2');
        await k.until(VMS, ({ items }) => items.length === 2);
      },
    },
    {
      name: 'rollout status',
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('rolling', 2));
        assert.match(
          await k.do('rollout', 'status', 'deploy/rolling', '--timeout=30s'),
          /"rolling" successfully rolled out/,
        );
        assert.equal((await k.get(PODS)).items.length, 2);
      },
    },
    {
      name: 'rollout restart',
      async run(k) {
        await rolledOut(k, 'restarted');
        const [before] = (await k.get(PODS)).items;
        await k.do('rollout', 'restart', 'deploy/restarted');
        await k.do('rollout', 'status', 'deploy/restarted', '--timeout=30s');
        await k.until(
          PODS,
          ({ items }) => items.length === 1 && items[0].metadata.uid !== before.metadata.uid,
        );
      },
    },
    {
      name: 'rollout history, rollout undo',
      async run(k) {
        await rolledOut(k, 'undone');
        await k.do('set', 'image', 'deploy/undone', 'c=nginx:2');
        await k.do('rollout', 'status', 'deploy/undone', '--timeout=30s');
        assert.match(await k.do('rollout', 'history', 'deploy/undone'), /REVISION[^\n]*\n1 [^\n]*\n2 /);
        await k.do('rollout', 'undo', 'deploy/undone');
        assert.equal(await imageOf(k, 'undone'), 'nginx:1');
      },
    },
    {
      name: 'rollout pause, resume',
      async run(k) {
        await rolledOut(k, 'paused');
        await k.do('rollout', 'pause', 'deploy/paused');
        await k.do('set', 'image', 'deploy/paused', 'c=nginx:2');
        await k.until(
          `${DEPLOYMENTS}/paused`,
          ({ metadata, status }) => status.observedGeneration === metadata.generation,
        );
        assert.deepEqual(
          (await k.get(PODS)).items.map(
            (one: { spec: { containers: { image: string }[] } }) => one.spec.containers[0]?.image,
          ),
          ['nginx:1'],
        );
        await k.do('rollout', 'resume', 'deploy/paused');
        await k.until(
          PODS,
          ({ items }) => items.length === 1 && items[0].spec.containers[0].image === 'nginx:2',
        );
      },
    },
    {
      name: 'autoscale',
      differs: 'Refused: the sandbox has no HorizontalPodAutoscalers.',
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('auto', 1));
        assert.match(
          await k.refused('autoscale', 'deploy', 'auto', '--max=3'),
          /could not find the requested resource|no matches for kind/,
        );
      },
    },
    {
      name: 'create cronjob',
      differs: 'Refused: the sandbox has no CronJobs.',
      async run(k) {
        assert.match(
          await k.refused('create', 'cronjob', 'c', '--image=nginx', '--schedule=* * * * *'),
          /could not find the requested resource|no matches for kind/,
        );
      },
    },
    {
      name: 'create ingress',
      async run(k) {
        await k.do('create', 'ingress', 'i', '--rule=vm.example.com/a=web:80');
        const { spec } = await k.get('/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/i');
        assert.equal(spec.rules[0].host, 'vm.example.com');
        assert.deepEqual(spec.rules[0].http.paths[0].backend.service, { name: 'web', port: { number: 80 } });
      },
    },
    {
      name: 'create poddisruptionbudget',
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('kept', 1));
        const budget = {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'kept' },
          spec: { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } },
        };
        // Before 1.21 the typed command speaks policy/v1beta1, which servers of today have not.
        await (k.minor >= 21
          ? k.do('create', 'pdb', 'kept', '--selector=app=kept', '--min-available=1')
          : k.do('create', '-f', await k.file(budget)));
        await k.until(
          '/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/kept',
          ({ status }) => status?.currentHealthy === 1,
        );
      },
    },
  ],
};
