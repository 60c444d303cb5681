import { mappingsAt } from '@/lib/k8s/json';
import { ALL_FIELDS } from '@/lib/kinds/vm/form/all-fields';
import { DEVICES, GUEST, type VmManifest } from '@/lib/kinds/vm/form/field';
import { checkManifest } from '@/lib/manifest/check';
import { fieldPathText, parseFieldPath } from '@/lib/manifest/field-path';
import type { Manifest } from '@/lib/manifest/manifest';
import type { Step } from '@/lib/manifest/plan';
import type { Problem } from '@/lib/manifest/problem';
import { checkQuantities } from '@/lib/manifest/quantities';
import { placeIn, type Reading } from '@/lib/manifest/read';
import { placeSaid } from '@/lib/manifest/server-words';
import { text } from '@/lib/text';
import { type Outcome, stepKey } from '../../form/create/create-run';
import type { PlacedProblem } from '../form/vm-form';
import { isVm } from './manifest-draft';

/** All that is to be said about a manifest that is being made, each thing once at each of its places. */
export interface CreateProblems {
  /** At the fields of the form. */
  placed: PlacedProblem[];
  /** At the lines of the text. */
  lines: Problem[];
}

export interface ProblemSources {
  reading: Reading;
  /** Of the cluster's discovery. */
  planned: readonly Problem[];
  steps: readonly Step[];
  outcomes: ReadonlyMap<string, Outcome>;
  /** What the fields of the form say about their values, by rules that need no cluster. */
  fields: readonly PlacedProblem[];
}

/** The manifest of the VM that the form edits. */
export function vmManifestOf({ manifests }: Pick<Reading, 'manifests'>): Manifest | undefined {
  return manifests.find(({ object }) => isVm(object));
}

/** Brings together what the text's own check, the form's fields and the server say. */
export function createProblems({
  reading,
  planned,
  steps,
  outcomes,
  fields,
}: ProblemSources): CreateProblems {
  const vm = vmManifestOf(reading);
  const answered = vm ? outcomeOf(vm, steps, outcomes) : undefined;
  const said = vm && answered && 'said' in answered ? placedSaid(reading, vm, answered) : [];
  const taken: PlacedProblem[] =
    vm && answered?.state === 'exists'
      ? [
          {
            path: 'metadata.name',
            severity: 'error',
            message: text('create.problem.nameTaken', { name: vm.name, namespace: vm.namespace ?? '' }),
          },
        ]
      : [];
  const inLines = vm
    ? [...taken, ...fields].map(
        (each): Problem => ({
          severity: each.severity,
          message: each.message,
          document: vm.document.index,
          range: placeIn(reading, vm, parseFieldPath(each.path)),
        }),
      )
    : [];
  return {
    placed: [...(vm ? localFindings(vm) : []), ...said, ...taken],
    lines: [
      ...reading.problems,
      ...planned,
      ...steps.flatMap((step) => {
        const outcome = outcomes.get(stepKey(step));
        return outcome && 'said' in outcome ? placeSaid(reading, step.manifest, outcome.said) : [];
      }),
      ...inLines,
    ].sort((a, b) => a.range.from - b.range.from),
  };
}

function outcomeOf(
  vm: Manifest,
  steps: readonly Step[],
  outcomes: ReadonlyMap<string, Outcome>,
): Outcome | undefined {
  const step = steps.find(({ manifest }) => manifest === vm);
  return step && outcomes.get(stepKey(step));
}

function localFindings(vm: Manifest): PlacedProblem[] {
  return [...checkManifest(vm), ...checkQuantities(vm)].map(({ severity, message, path }) => ({
    path: fieldPathText(path),
    severity,
    message,
  }));
}

function placedSaid(
  reading: Reading,
  vm: Manifest,
  { said }: Outcome & { said: Parameters<typeof placeSaid>[2] },
): PlacedProblem[] {
  return said.flatMap((each) =>
    // One at a time, so that each is left out by itself once what it spoke of has changed.
    placeSaid(reading, vm, [each]).map(({ severity, message }) => ({ path: each.field, severity, message })),
  );
}

/** What the fields of the form say about the VM's values, whether their section shows or not. */
export function fieldProblems(vm: VmManifest): PlacedProblem[] {
  const found = ALL_FIELDS.flatMap((field): PlacedProblem[] => {
    const message = field.problem?.(field.read(vm), vm);
    return message ? [{ path: field.paths[0] ?? '', severity: 'error', message }] : [];
  });
  const hasNothingToBoot = mappingsAt(vm, [...GUEST, 'volumes']).length === 0 && !bootsFromNetwork(vm);
  return hasNothingToBoot
    ? [{ path: BOOT_PATH, severity: 'error', message: text('create.problem.noImage') }, ...found]
    : found;
}

/** Where the lack of anything to boot from is said. */
export const BOOT_PATH = 'spec.template.spec.volumes';

function bootsFromNetwork(vm: VmManifest): boolean {
  return mappingsAt(vm, [...DEVICES, 'interfaces']).some(({ bootOrder }) => typeof bootOrder === 'number');
}
