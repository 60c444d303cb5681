import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { ConsolePage } from '@/components/console/console-page';
import { UnknownCluster } from '@/components/shell/unknown-cluster';
import { requireSession } from '@/components/sign-in/require-session';
import { serverText } from '@/components/ui/server-text';
import { readInventory } from '@/lib/inventory/inventory';
import type { ConsoleKind } from '@/lib/paths';

interface Params {
  cluster: string;
  namespace: string;
  name: string;
  kind: string;
}

const isKind = (kind: string): kind is ConsoleKind => kind === 'vnc' || kind === 'serial';

export async function generateMetadata({ params }: { params: Promise<Params> }): Promise<Metadata> {
  const { name, kind } = await params;
  if (!isKind(kind)) return {};
  const state = serverText('consoles.state.loading.label');
  const title = serverText('consoles.title', {
    name: decodeURIComponent(name),
    state,
    kind: serverText(`consoles.titleKind.${kind}`),
  });
  return { title: { absolute: title } };
}

export default async function Page({ params }: { params: Promise<Params> }) {
  const { cluster, namespace, name, kind } = await params;
  if (!isKind(kind)) notFound();
  const clusters = await readInventory().listClusters();
  const wanted = decodeURIComponent(cluster);
  const known = clusters.find((each) => each.name === wanted);
  if (!known) return <UnknownCluster cluster={wanted} clusters={clusters} />;
  await requireSession(known);
  return (
    <ConsolePage
      session={known}
      namespace={decodeURIComponent(namespace)}
      name={decodeURIComponent(name)}
      kind={kind}
    />
  );
}
