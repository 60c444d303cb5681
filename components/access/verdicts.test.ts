import { expect, it } from 'vitest';
import type { AccessAnswer } from '@/lib/k8s/access';
import type { Ability } from '@/lib/kinds/abilities';
import { RESOURCES } from '@/lib/kinds/resources';
import { judge, missingChecks } from './verdicts';

const need = (verb: string) => ({ doing: 'access.doing.listPods', verb, resource: RESOURCES.pods }) as const;
const ability = (id: string, ...verbs: string[]): Ability => ({
  id,
  label: 'access.ability.listPods',
  group: 'pages',
  needs: verbs.map(need),
});
const answers: Record<string, AccessAnswer> = {
  list: { allowed: true },
  watch: { allowed: false },
  get: { allowed: true, unknown: true },
};
const judged = (...verbs: string[]) =>
  judge([ability('a', ...verbs)], 'shop', ({ verb }) => answers[verb])[0];

it('takes all rights for a yes, one for a no, and says when it does not know', () => {
  expect(judged('list')?.verdict).toBe('allowed');
  expect(judged('list', 'watch')?.verdict).toBe('refused');
  expect(judged('list', 'get')?.verdict).toBe('unknown');
  expect(judged('list', 'delete')?.verdict).toBe('asking');
  // A right that is missing is missing, whatever else is still asked.
  expect(judged('watch', 'delete')?.verdict).toBe('refused');
});

it('collects what is missing, each once', () => {
  const verdicts = judge(
    [ability('a', 'list', 'watch'), ability('b', 'watch')],
    'shop',
    ({ verb }) => answers[verb],
  );
  expect(missingChecks(verdicts)).toEqual([
    { verb: 'watch', group: '', resource: 'pods', namespace: 'shop' },
  ]);
});
