import assert from 'node:assert/strict';
import { PODS, pod } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';
import { runVm } from './reading';

async function runPod(k: Kubectl, name: string): Promise<void> {
  await k.put(PODS, pod(name));
  await k.until(`${PODS}/${name}`, ({ status }) => status.phase === 'Running');
}

const NO_PROGRAMS = 'containers of the sandbox hold no programs';
/** What kubectl says until the server speaks SPDY. */
const NO_SPDY = /unable to upgrade|unsupported protocol/;

export const pods: Chapter<Kubectl> = {
  title: 'Pods',
  operations: [
    {
      name: 'logs -c',
      async run(k) {
        assert.match(
          await k.do('-n', 'kubevirt', 'logs', 'deploy/virt-api', '-c', 'virt-api'),
          /"level":"info"/,
        );
      },
    },
    {
      name: 'logs -l --tail',
      async run(k) {
        const text = await k.do(
          '-n',
          'kubevirt',
          'logs',
          '-l',
          'kubevirt.io=virt-controller',
          '--tail=1',
          '--prefix',
        );
        const lines = text.trim().split('\n');
        assert.ok(lines.length > 0 && lines.every((line) => line.startsWith('[pod/virt-controller-')), text);
      },
    },
    {
      name: 'logs --timestamps --since',
      async run(k) {
        const whole = await k.do('-n', 'kubevirt', 'logs', 'deploy/virt-api', '--timestamps');
        assert.match(whole, /^\d{4}-\d\d-\d\dT[\d:.]+Z \{/);
        const recent = await k.do('-n', 'kubevirt', 'logs', 'deploy/virt-api', '--since=1s');
        assert.ok(recent.length < whole.length);
      },
    },
    {
      name: 'logs -f',
      async run(k) {
        const { body } = await k.sandbox.ask(
          'GET',
          '/api/v1/namespaces/kubevirt/pods?labelSelector=kubevirt.io%3Dvirt-controller',
        );
        const words = ['-n', 'kubevirt', 'logs', '-f', '--tail=1', '-l', 'kubevirt.io=virt-controller'];
        let begun = false;
        const lines = await k.follow(words, async (so) => {
          if (!begun) {
            begun = true;
            await runVm(k, 'followed');
          }
          return so.some((line) => line.includes('followed'));
        });
        assert.ok(body.items.length > 0 && lines.length > 1);
      },
    },
    {
      name: 'logs of a container that is not there',
      async run(k) {
        await runPod(k, 'one');
        assert.match(await k.refused('logs', 'one', '-c', 'two'), /container two is not valid for pod one/);
      },
    },
    {
      name: 'logs of a workload',
      differs: `Empty: ${NO_PROGRAMS}.`,
      async run(k) {
        await runPod(k, 'silent');
        assert.equal(await k.do('logs', 'silent'), '');
      },
    },
    {
      name: 'exec',
      since: 30,
      differs: `Answers as containerd does for an image without the program: ${NO_PROGRAMS}.`,
      async run(k) {
        await runPod(k, 'bare');
        assert.match(
          await k.refused('exec', 'bare', '--', 'ls'),
          /exec: "ls": executable file not found in \$PATH/,
        );
      },
    },
    {
      name: 'exec of virsh in a launcher',
      since: 30,
      async run(k) {
        await runVm(k, 'looked-into');
        const { items } = await k.get(`${PODS}?labelSelector=kubevirt.io%3Dvirt-launcher`);
        const [{ metadata }] = items;
        assert.match(
          await k.do('exec', metadata.name, '-c', 'compute', '--', 'virsh', 'list'),
          new RegExp(`1 +${k.namespace}_looked-into +running`),
        );
      },
    },
    {
      name: 'cp',
      since: 30,
      differs: `Refused for want of tar: ${NO_PROGRAMS}.`,
      async run(k) {
        await runPod(k, 'copied');
        assert.match(
          await k.refused('cp', 'copied:/etc/hosts', `${k.directory}-hosts`),
          /exec: "tar": executable file not found in \$PATH/,
        );
      },
    },
    {
      name: 'port-forward',
      differs: 'Refused: kubectl forwards through SPDY, which the sandbox does not speak.',
      async run(k) {
        await runPod(k, 'forwarded');
        assert.match(await k.refused('port-forward', 'pod/forwarded', ':80'), NO_SPDY);
      },
    },
    {
      name: 'debug --image',
      differs: 'Refused: pods of the sandbox take no ephemeral containers.',
      async run(k) {
        await runPod(k, 'debugged');
        assert.match(
          await k.refused('debug', 'debugged', '--image=busybox'),
          /could not find the requested resource/,
        );
      },
    },
  ],
};
