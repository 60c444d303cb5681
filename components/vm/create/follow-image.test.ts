import { describe, expect, it } from 'vitest';
import { guestConfig } from '@/lib/guest-setup/guest-config';
import { type JsonObject, withValueAt } from '@/lib/k8s/json';
import { type DraftEdit, GUEST, type VmDraft } from '@/lib/kinds/vm/form/field';
import { newVm } from '@/lib/kinds/vm/form/new-vm';
import { withLoginOf } from './follow-image';

const image =
  (name: string): DraftEdit =>
  (draft) => {
    const disk = { name: 'root', containerDisk: { image: `quay.io/containerdisks/${name}:latest` } };
    const rest = draft.vm.spec ? volumes(draft).filter((each) => each.name !== 'root') : [];
    return { ...draft, vm: withValueAt(draft.vm, [...GUEST, 'volumes'], [disk, ...rest]) };
  };
const volumes = ({ vm }: VmDraft) =>
  (((vm.spec as JsonObject).template as JsonObject).spec as JsonObject).volumes as JsonObject[];
const fresh: VmDraft = { vm: newVm({ name: 'web', namespace: 'dev' }), others: [] };
const choose = (name: string) => withLoginOf(image(name), { password: () => 'once' });

describe('withLoginOf', () => {
  it('gives a first image its usual user, with the password in a Secret beside the VM', () => {
    const made = choose('fedora')(fresh);
    expect(guestConfig(made).config).toMatchObject({ user: 'fedora', password: 'once' });
    expect(made.others.map(({ kind }) => kind)).toEqual(['Secret']);
    expect(JSON.stringify(made.vm)).not.toContain('once');
  });

  it('calls the user as the next image does, and keeps the password', () => {
    const made = withLoginOf(image('ubuntu'), { password: () => 'other' })(choose('fedora')(fresh));
    expect(guestConfig(made).config).toMatchObject({ user: 'ubuntu', password: 'once' });
  });

  it('leaves a user whom somebody has chosen', () => {
    const mine = choose('fedora')(fresh);
    const named = {
      ...mine,
      others: mine.others.map((each) => JSON.parse(JSON.stringify(each).replace('user: fedora', 'user: me'))),
    };
    expect(guestConfig(choose('ubuntu')(named)).config).toMatchObject({ user: 'me' });
  });
});
