'use client';

import { Skeleton } from '@patternfly/react-core';
import { useState } from 'react';
import { EXAMPLES } from '@/components/form/create/examples';
import { newVm, proposedName } from '@/lib/kinds/vm/form/new-vm';
import { writeManifest } from '@/lib/manifest/write';
import type { CreateStart } from '@/lib/paths';
import { CreateEditor } from './create-editor';

/** Finds what the form begins with: an example, or a VM with sensible defaults. */
export function CreateVmForm({ cluster, start }: { cluster: string; start: CreateStart }) {
  const [initial] = useState(() => startText(start));
  if (initial === undefined) return <Skeleton height="32rem" />;
  const from = start.example ?? 'new';
  return <CreateEditor cluster={cluster} initial={initial} draftKey={`create-vm/${cluster}/${from}`} />;
}

const DEFAULT_NAMESPACE = 'default';
const NAME_BYTES = 5;

function startText({ example, namespace = DEFAULT_NAMESPACE }: CreateStart): string {
  const found = EXAMPLES.find(({ id }) => id === example);
  if (found) return found.yaml;
  const name = proposedName(crypto.getRandomValues(new Uint8Array(NAME_BYTES)));
  return writeManifest(newVm({ name, namespace }));
}
