import type { VmFacts } from '@/lib/kinds/vm/facts';
import { FOREIGN, type Machine, type RunForm } from './machine';

/** A state that VMs of some run strategies can be brought into. */
export interface Situation {
  title: string;
  forms: readonly RunForm[];
  /** Starts what leads there. */
  arrive: (machine: Machine) => Promise<void>;
  /** Whether the VM is there. */
  is: (facts: VmFacts) => boolean;
  /** Ends by itself within a second, as a guest that shuts down does. */
  fleeting?: true;
}

const OFF: RunForm[] = ['Halted', 'Manual', 'running: false'];
// Started, `Halted` is `Always`, and `running: false` is `running: true`.
const ON: RunForm[] = ['Always', 'Manual', 'RerunOnFailure', 'Once', 'running: true'];

const nowhere = { guest: (spec: { nodeSelector?: object }) => Object.assign(spec, NOWHERE) };
const NOWHERE = { nodeSelector: { disk: 'nowhere' } };
const alive = ({ vmi }: VmFacts) => vmi !== undefined && vmi.phase !== 'Succeeded' && vmi.phase !== 'Failed';
const phase =
  (wanted: string) =>
  ({ vmi }: VmFacts) =>
    vmi?.phase === wanted;

async function run(machine: Machine, guest: (spec: Record<string, unknown>) => void = () => {}) {
  await machine.launch({ guest });
  await machine.until(
    ({ vmi, printableStatus }) => vmi?.phase === 'Running' && printableStatus === 'Running',
    'Running',
  );
}

const starting: Situation[] = [
  { title: 'never started', forms: OFF, arrive: (m) => m.create(), is: is('Stopped') },
  {
    title: 'without a known instance type',
    forms: [...ON, 'WaitAsReceiver'],
    arrive: (m) =>
      m.launch({
        spec: { instancetype: { name: 'nope' } },
        guest: ({ domain }) => {
          // An instance type beside a size of the VM's own is refused.
          delete (domain as { resources?: object }).resources;
        },
      }),
    is: ({ vmi, printableStatus, runStrategy, requests }) =>
      !vmi && printableStatus === 'Stopped' && (runStrategy !== 'Manual' || requests.length > 0),
  },
  {
    title: 'without its claim',
    forms: ON,
    arrive: (m) =>
      m.launch({
        guest: (spec) => {
          spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'nowhere' } }];
        },
      }),
    is: is('ErrorPvcNotFound'),
  },
  { title: 'on no node', forms: ON, arrive: (m) => m.launch(nowhere), is: is('ErrorUnschedulable') },
  {
    title: 'without its image',
    forms: ON,
    arrive: (m) =>
      m.launch({
        guest: (spec) => {
          spec.volumes = [
            { name: 'root', containerDisk: { image: 'registry.example.invalid/disks/fedora:1' } },
          ];
        },
      }),
    is: is('ImagePullBackOff'),
  },
  {
    title: 'without its network',
    forms: ON,
    arrive: (m) =>
      m.launch({
        guest: ({ networks, domain }) => {
          networks.push({ name: 'n2', multus: { networkName: 'nowhere' } });
          domain.devices.interfaces.push({ name: 'n2', bridge: {} });
        },
      }),
    is: phase('Scheduled'),
  },
  {
    title: 'waiting for a migration',
    forms: ['WaitAsReceiver'],
    arrive: (m) => m.create(),
    is: phase('WaitingForSync'),
  },
];

const running: Situation[] = [
  { title: 'running', forms: ON, arrive: (m) => run(m), is: is('Running') },
  {
    title: 'running without ACPI',
    forms: ['Always'],
    arrive: (m) =>
      run(m, (spec) => Object.assign(spec.domain as object, { features: { acpi: { enabled: false } } })),
    is: is('Running'),
  },
  {
    title: 'running with a liveness probe',
    forms: ['Always'],
    arrive: (m) =>
      run(m, (spec) =>
        Object.assign(spec, { livenessProbe: { tcpSocket: { port: 22 }, periodSeconds: 60 } }),
      ),
    is: is('Running'),
  },
  {
    title: 'running with a probe that asks the agent',
    forms: ['Always'],
    arrive: (m) =>
      run(m, (spec) => Object.assign(spec, { livenessProbe: { guestAgentPing: {}, periodSeconds: 60 } })),
    is: is('Running'),
  },
  {
    title: 'paused',
    forms: ON,
    arrive: async (m) => {
      await run(m);
      await m.actOnInstance('pause');
    },
    is: is('Paused'),
  },
];

const ending: Situation[] = [
  {
    title: 'stopping with a long grace period',
    forms: ON,
    fleeting: true,
    arrive: async (m) => {
      await run(m, grace(600));
      await m.act('stop');
    },
    is: isStoppingGuest,
  },
  {
    title: 'stopping without grace, before it ran',
    forms: ON,
    arrive: async (m) => {
      await holdOnNoNode(m, grace(0));
      await m.act('stop');
    },
    is: isStoppingEarly,
  },
  {
    title: 'stopping while paused',
    forms: ON,
    fleeting: true,
    arrive: async (m) => {
      await run(m, grace(600));
      await m.actOnInstance('pause');
      await m.until(is('Paused'), 'Paused');
      await m.act('stop');
    },
    is: (facts) => isStoppingGuest(facts) && facts.vmi?.paused === true,
  },
  {
    title: 'stopping before it ran',
    forms: ON,
    arrive: async (m) => {
      await holdOnNoNode(m);
      await m.act('stop');
    },
    is: isStoppingEarly,
  },
  {
    title: 'restarting, held before the start',
    forms: ON.filter((form) => form !== 'Once'),
    arrive: async (m) => {
      await holdOnNoNode(m);
      await m.act('restart');
    },
    is: ({ vmi, requests }) => vmi?.deleting === true && requests.length === 2,
  },
  {
    title: 'stopped, its instance held',
    forms: ON,
    arrive: async (m) => {
      await run(m);
      await m.holdInstance();
      await m.act('stop');
    },
    is: (facts) => phase('Succeeded')(facts) && facts.printableStatus === 'Stopped',
  },
  {
    title: 'shut down from inside',
    forms: ON,
    arrive: async (m) => {
      await run(m);
      await m.holdInstance();
      await m.endPod();
    },
    is: phase('Succeeded'),
  },
  {
    title: 'crashed',
    forms: ON,
    arrive: async (m) => {
      await run(m);
      await m.holdInstance();
      await m.endPod({ gracePeriodSeconds: 0 });
    },
    is: phase('Failed'),
  },
  {
    // No request is pending here, unlike after a stop or a crash.
    title: 'shut down by the end of its instance',
    forms: ON,
    arrive: async (m) => {
      await run(m);
      await m.holdInstance();
      await m.deleteInstance();
    },
    is: ({ vmi, requests }) => vmi?.phase === 'Succeeded' && requests.length === 0,
  },
  {
    title: 'failed by the end of its instance',
    forms: ON,
    arrive: async (m) => {
      await launchOnNoNode(m);
      await m.holdInstance();
      await m.deleteInstance();
    },
    is: ({ vmi, requests }) => vmi?.phase === 'Failed' && requests.length === 0,
  },
  {
    title: 'backing off after a failed start',
    forms: ['Always', 'RerunOnFailure', 'running: true'],
    arrive: failBeforeItRan,
    is: is('CrashLoopBackOff'),
  },
  {
    title: 'failed before it ran, its instance kept',
    forms: ['Manual', 'Once'],
    arrive: failBeforeItRan,
    is: phase('Failed'),
  },
];

const going: Situation[] = [
  {
    title: 'being deleted, never started',
    forms: OFF,
    arrive: async (m) => {
      await m.create({ finalizers: [FOREIGN] });
      await m.delete();
    },
    is: ({ deleting, printableStatus }) => deleting && printableStatus === 'Terminating',
  },
  {
    title: 'being deleted, its guest running',
    forms: ON,
    fleeting: true,
    arrive: async (m) => {
      await run(m, grace(600));
      await m.delete();
    },
    is: ({ deleting, vmi }) => deleting && vmi?.phase === 'Running',
  },
  {
    title: 'being deleted, its instance waiting for a node',
    forms: ON,
    arrive: async (m) => {
      await holdOnNoNode(m);
      await m.delete();
    },
    is: (facts) => facts.deleting && alive(facts),
  },
  {
    title: 'being deleted, its instance ended',
    forms: ON,
    arrive: async (m) => {
      await run(m);
      await m.holdInstance();
      await m.delete();
    },
    is: ({ deleting, vmi }) => deleting && vmi?.phase === 'Succeeded',
  },
  {
    title: 'being deleted, its instance gone',
    forms: ON,
    arrive: async (m) => {
      await m.launch({ ...nowhere, finalizers: [FOREIGN] });
      await m.until(is('ErrorUnschedulable'), 'ErrorUnschedulable');
      await m.delete();
    },
    is: ({ deleting, vmi }) => deleting && !vmi,
  },
  {
    title: 'being deleted while it waits for a migration',
    forms: ['WaitAsReceiver'],
    arrive: async (m) => {
      await m.create({ finalizers: [FOREIGN] });
      await m.untilPhase('WaitingForSync');
      await m.delete();
    },
    is: ({ deleting }) => deleting,
  },
];

/** Every state of a VM that this cluster can be brought to show. */
export const SITUATIONS: readonly Situation[] = [...starting, ...running, ...ending, ...going];

function is(printableStatus: string) {
  return (facts: VmFacts) => facts.printableStatus === printableStatus;
}

function isStoppingGuest({ vmi, deleting, printableStatus }: VmFacts): boolean {
  return vmi?.phase === 'Running' && vmi.deleting && !deleting && printableStatus === 'Stopping';
}

function isStoppingEarly({ vmi, printableStatus }: VmFacts): boolean {
  return vmi?.phase === 'Scheduling' && vmi.deleting && printableStatus === 'Stopping';
}

function grace(seconds: number) {
  return (spec: Record<string, unknown>) => {
    spec.terminationGracePeriodSeconds = seconds;
  };
}

async function launchOnNoNode(machine: Machine, change = grace(30)): Promise<void> {
  await machine.launch({
    guest: (spec) => {
      change(spec);
      Object.assign(spec, NOWHERE);
    },
  });
  await machine.until(is('ErrorUnschedulable'), 'ErrorUnschedulable');
}

async function holdOnNoNode(machine: Machine, change = grace(30)): Promise<void> {
  await launchOnNoNode(machine, change);
  await machine.holdPod();
}

async function failBeforeItRan(machine: Machine): Promise<void> {
  await launchOnNoNode(machine);
  await machine.endPod({ gracePeriodSeconds: 0 });
}
