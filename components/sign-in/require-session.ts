import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { paths } from '@/lib/paths';
import { ADDRESS_HEADER } from '@/lib/session/address';
import { returnPath } from '@/lib/session/return-path';
import type { ClusterSession } from '@/lib/session/session';

/** For server components: whoever is not signed in to this cluster goes to do so, and comes back here. */
export async function requireSession({ name, signedIn }: ClusterSession): Promise<void> {
  if (signedIn) return;
  redirect(paths.signIn(name, returnPath((await headers()).get(ADDRESS_HEADER))));
}
