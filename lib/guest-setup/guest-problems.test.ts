import { describe, expect, it } from 'vitest';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import { withGuestText } from '@/lib/kinds/vm/form/guest/cloud-init';
import { withKeysFrom } from '@/lib/kinds/vm/form/guest/credentials';
import { withAnswerFile } from '@/lib/kinds/vm/form/guest/sysprep';
import { guestProblems } from './guest-problems';
import { withDefaultLogin } from './login';
import { withoutSecretValues } from './secret-values';

const bare: VmDraft = { vm: { metadata: { name: 'web' } }, others: [] };
const said = (draft: VmDraft) => guestProblems(draft).map(({ severity, message }) => [severity, message.key]);

describe('guestProblems', () => {
  it('finds nothing wrong with a VM as it is made', () => {
    expect(said(bare)).toEqual([]);
    expect(said(withDefaultLogin(bare, { password: 'p' }))).toEqual([]);
  });

  it('lets no mask of a draft become a password', () => {
    const made = withDefaultLogin(bare, { password: 'p' });
    const kept = { ...made, others: withoutSecretValues(made.others) };
    expect(said(kept)).toContainEqual(['error', 'guest.problem.notKept']);
    const answers = withAnswerFile(bare, 'x', 'unattend.xml');
    expect(said({ ...answers, others: withoutSecretValues(answers.others) })).toContainEqual([
      'error',
      'guest.problem.notKept',
    ]);
  });

  it('stops what cannot work, and warns of what cloud-init may take after all', () => {
    const user = (content: string) => said(withGuestText(bare, 'userData', content));
    expect(user('#cloud-config\na: [')).toEqual([['error', 'guest.problem.yaml']]);
    expect(user('#cloud-config\npackages: vim\n')).toEqual([['warning', 'guest.problem.type.list']]);
    expect(user('users: []\n')).toEqual([['warning', 'guest.problem.header']]);
    expect(user(`#!/bin/sh\n${'#'.repeat(3000)}`)).toEqual([['error', 'guest.place.tooLong']]);
    expect(said(withKeysFrom(bare, ''))).toEqual([['error', 'guest.credential.noSecret']]);
    expect(said(withAnswerFile(bare, '<a/>', 'unattend.xml'))).toEqual([['warning', 'guest.xml.root']]);
  });
});
