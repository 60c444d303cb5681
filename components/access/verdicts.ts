import { type AccessAnswer, type AccessCheck, checkKey } from '@/lib/k8s/access';
import { type Ability, checkOf } from '@/lib/kinds/abilities';

/** `unknown`: the cluster gave no verdict, so it has to be tried. */
export type Verdict = 'asking' | 'allowed' | 'refused' | 'unknown';

export interface AbilityVerdict {
  ability: Ability;
  verdict: Verdict;
  checks: AccessCheck[];
  /** Those of the checks that the cluster said no to. */
  missing: AccessCheck[];
}

/** What one may do of all that the console does; an ability takes all its rights. */
export function judge(
  abilities: readonly Ability[],
  namespace: string | undefined,
  answerOf: (check: AccessCheck) => AccessAnswer | undefined,
): AbilityVerdict[] {
  return abilities.map((ability) => {
    const checks = ability.needs.map((access) => checkOf(access, namespace));
    const answers = checks.map(answerOf);
    const missing = checks.filter((_, place) => answers[place]?.allowed === false);
    return { ability, checks, missing, verdict: verdictOf(answers, missing.length) };
  });
}

function verdictOf(answers: readonly (AccessAnswer | undefined)[], missing: number): Verdict {
  if (missing > 0) return 'refused';
  if (answers.includes(undefined)) return 'asking';
  return answers.some((answer) => answer?.unknown) ? 'unknown' : 'allowed';
}

/** What is missing for these, each once. */
export function missingChecks(verdicts: readonly AbilityVerdict[]): AccessCheck[] {
  const checks = verdicts.flatMap(({ missing }) => missing);
  return [...new Map(checks.map((check) => [checkKey(check), check])).values()];
}
