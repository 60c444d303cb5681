import { guestConfig } from '@/lib/guest-setup/guest-config';
import { defaultUser, onLogin, readLogin, withDefaultLogin } from '@/lib/guest-setup/login';
import { generatePassword } from '@/lib/guest-setup/password';
import { mappingsAt } from '@/lib/k8s/json';
import { type DraftEdit, GUEST, type VmDraft } from '@/lib/kinds/vm/form/field';

/**
 * An edit that chooses an image, with the login that belongs to it: a first image brings one, with a password of its
 * own; another image calls the user by another name, unless somebody has chosen the name.
 */
export function withLoginOf(
  edit: DraftEdit,
  { password = generatePassword }: { password?: () => string } = {},
): DraftEdit {
  return (before) => {
    const after = edit(before);
    if (after === before || mappingsAt(after.vm, [...GUEST, 'volumes']).length === 0) return after;
    const login = loginOf(after);
    const [was, is] = [defaultUser(before.vm), defaultUser(after.vm)];
    if (login?.user && was !== is && login.user === was) return onLogin({ user: is }, { apart: true })(after);
    return withDefaultLogin(after, { password: password() });
  };
}

function loginOf(draft: VmDraft): { user: string } | undefined {
  const guest = guestConfig(draft);
  return guest.place.form === 'none' || guest.withoutForm ? undefined : readLogin(guest.config);
}
