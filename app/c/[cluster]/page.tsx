import { redirect } from 'next/navigation';
import { paths } from '@/lib/paths';

export default async function ClusterPage({ params }: { params: Promise<{ cluster: string }> }) {
  redirect(paths.vms(decodeURIComponent((await params).cluster)));
}
