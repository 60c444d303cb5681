import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { VmPage } from '@/components/vm/vm-page';
import { readInventory } from '@/lib/inventory/inventory';
import type { Ref } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { VM_TABS } from '@/lib/paths';

interface Props {
  params: Promise<{ cluster: string; namespace: string; name: string; tab?: string[] }>;
}

async function readTarget({ params }: Props): Promise<Ref> {
  const { cluster, namespace, name } = await params;
  return {
    cluster: decodeURIComponent(cluster),
    namespace: decodeURIComponent(namespace),
    name: decodeURIComponent(name),
  };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: (await readTarget(props)).name };
}

export default async function VmDetailPage(props: Props) {
  const target = await readTarget(props);
  const [tab = 'overview', ...rest] = (await props.params).tab ?? [];
  if (rest.length > 0 || !VM_TABS.some((known) => known === tab)) notFound();
  const [vm, vmi] = await Promise.all([
    readFirst<VirtualMachine>(target, RESOURCES.virtualMachines),
    readFirst<VirtualMachineInstance>(target, RESOURCES.virtualMachineInstances),
  ]);
  return <VmPage target={target} initial={{ vm, vmi }} />;
}

/** What is known of the object now; the page asks again over its live socket. */
async function readFirst<T>({ cluster, namespace, name }: Ref, resource: Resource): Promise<T | undefined> {
  const subscription = { resource, namespace, fieldSelector: `metadata.name=${name}` };
  const { objects } = await readInventory().firstObjects(cluster, subscription);
  return objects[0] as T | undefined;
}
