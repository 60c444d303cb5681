import { RESOURCES } from '@/lib/kinds/resources';
import { loginUser } from './cloud-init';
import { type Evidence, isRunning, isWanted } from './evidence';
import { type Finding, found, type Severity } from './finding';
import { agentConnected, guestCauses, hasBooted } from './guest-causes';
import { instanceCauses, launcherCauses, nodeCauses, referenceCauses } from './launcher-causes';
import { schedulingCauses } from './scheduling-causes';
import { type Step, stepsOf, totalOf } from './steps';
import { offCause, vmCauses } from './vm-causes';
import { volumeCauses } from './volume-causes';

export interface Diagnosis {
  /** What stands on top: the worst finding, or how far it has come. */
  verdict: Finding;
  /** Everything else that was found, worst first. */
  others: Finding[];
  steps: Step[];
  /** The first start, or the last one, as a whole (RFC 3339). `until` is missing while it goes on. */
  total: { since?: string; until?: string };
  /** Kinds that the user may not read (`denied`), or that could not be read now. */
  hidden: { kind: string; why: 'denied' | 'unreachable' }[];
  /** Who may log in, if cloud-init was told. */
  user?: string;
  /** Whether the guest can be worked with: it has come up by all that can be seen. */
  isReady: boolean;
}

const RANK: Record<Severity, number> = {
  broken: 0,
  waiting: 1,
  off: 2,
  attention: 3,
  progress: 4,
  fine: 5,
  note: 6,
};

/** Causes in the order in which a machine comes up: of two that are equally bad the earlier one is the root. */
const RULES: ((e: Evidence) => Finding[])[] = [
  vmCauses,
  volumeCauses,
  instanceCauses,
  nodeCauses,
  schedulingCauses,
  referenceCauses,
  launcherCauses,
  guestCauses,
];

/** Finds out why a VM does not run, or how far it has come; says it in one sentence, with the evidence. */
export function diagnose(e: Evidence): Diagnosis {
  const off = offCause(e);
  const causes = RULES.flatMap((rule) => rule(e));
  // One that is off, as somebody wished, is not broken by what would keep it from starting.
  const all =
    off?.severity === 'off'
      ? [
          off,
          ...causes.map((each) =>
            each.severity === 'broken' ? { ...each, severity: 'attention' as const } : each,
          ),
        ]
      : [...(off ? [off] : []), ...causes];
  const ranked = [...all].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  const worst = ranked[0];
  const steps = stepsOf(e, ranked, worst);
  const verdict = worst && RANK[worst.severity] <= RANK.progress ? worst : standing(e, steps);
  const user = loginUser(e.spec);
  return {
    verdict,
    others: ranked.filter((each) => each !== verdict),
    steps,
    total: totalOf(e, steps),
    hidden: hiddenKinds(e),
    ...(user ? { user } : {}),
    isReady: hasBooted(e) && verdict.severity !== 'broken',
  };
}

/** How a machine stands that nothing is known against. */
function standing(e: Evidence, steps: readonly Step[]): Finding {
  const { facts } = e;
  if (facts.printableStatus === 'Migrating') return found('migrating', 'progress', 'boot', {}, { words: [] });
  if (facts.printableStatus === 'Stopping' || facts.vmi?.deleting)
    return found('stopping', 'progress', 'instance');
  if (isRunning(e)) {
    const offer = { kind: 'console' } as const;
    if (agentConnected(e)) return found('ready', 'fine', 'agent', {}, { offer });
    if (hasBooted(e)) return found('readyNoAgent', 'fine', 'agent', {}, { offer });
    const boot = steps.find(({ id }) => id === 'boot');
    if (boot?.state === 'unknown') return found('runningUnseen', 'fine', 'boot', {}, { offer });
    return found('booting', 'progress', 'boot', {}, { offer });
  }
  if (!isWanted(e))
    return found(
      'stopped',
      'off',
      'instance',
      { strategy: facts.runStrategy },
      { about: { resource: RESOURCES.virtualMachines, ...e.target }, offer: { kind: 'action', id: 'start' } },
    );
  const doing = steps.find(({ state }) => state !== 'done')?.id ?? 'instance';
  return found('coming', 'progress', doing, { step: doing });
}

function hiddenKinds(e: Evidence): Diagnosis['hidden'] {
  const hidden = new Map<string, 'denied' | 'unreachable'>();
  for (const [key, look] of e.looks) {
    if (look.sight !== 'denied' && look.sight !== 'unreachable') continue;
    const kind = KINDS_BY_KEY[key] ?? (key.startsWith('launchers ') ? 'Pod' : kindOf(key));
    if (kind) hidden.set(kind, look.sight);
  }
  return [...hidden].map(([kind, why]) => ({ kind, why }));
}

const KINDS_BY_KEY: Record<string, string> = {
  workers: 'Pod',
  nodes: 'Node',
  serial: 'pods/log',
  kubevirts: 'KubeVirt',
  migrations: 'VirtualMachineInstanceMigration',
  quotas: 'ResourceQuota',
};

/** Keys of single objects begin with the plural of their kind, those of events with that word. */
function kindOf(key: string): string | undefined {
  const [plural = ''] = key.split(' ');
  return Object.values(RESOURCES).find(
    (resource) => resource.plural === plural && resource.group !== 'metrics.k8s.io',
  )?.kind;
}
