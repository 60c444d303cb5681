import { expect, it } from 'vitest';
import { readManifests } from '@/lib/manifest/read';
import { messages } from '@/lib/messages/en';
import { EXAMPLES } from './examples';

it.each(EXAMPLES)('$id is without fault', ({ id, yaml, title }) => {
  const { manifests, problems } = readManifests(yaml);
  expect(problems).toEqual([]);
  expect(manifests.some(({ kind }) => kind === 'VirtualMachine')).toBe(true);
  expect(messages.yaml.example).toHaveProperty(title.split('.').at(-1) ?? id);
});

it.each(EXAMPLES)('$id uses every volume and network it declares', ({ yaml }) => {
  for (const { kind, object } of readManifests(yaml).manifests) {
    if (kind !== 'VirtualMachine') continue;
    const names = (list: unknown) => (list as { name: string }[]).map(({ name }) => name);
    // biome-ignore lint/suspicious/noExplicitAny: the wire type is of no concern to this check
    const spec = (object.spec as any).template.spec;
    expect(names(spec.domain.devices.disks)).toEqual(names(spec.volumes));
    expect(names(spec.domain.devices.interfaces)).toEqual(names(spec.networks));
  }
});
