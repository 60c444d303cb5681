import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { paths } from '@/lib/paths';
import { ADDRESS_HEADER } from '@/lib/session/address';
import { returnPath } from '@/lib/session/return-path';
import { type ClusterSession, hasSessions } from '@/lib/session/session';

/** For server components: whoever is not signed in to this cluster goes to do so, and comes back here. */
export async function requireSession(cluster: ClusterSession): Promise<void> {
  // A cluster that is not configured well has no way to sign in either; its pages say so.
  if (cluster.signedIn || !hasSessions(cluster)) return;
  redirect(paths.signIn(cluster.name, returnPath((await headers()).get(ADDRESS_HEADER))));
}
