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
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    const { spec } = (object.spec as { template: { spec: VmiParts } }).template;
    expect(names(spec.domain.devices.disks)).toEqual(names(spec.volumes));
    expect(names(spec.domain.devices.interfaces)).toEqual(names(spec.networks));
  }
});

/** What this check reads of a VM's template. */
interface VmiParts {
  domain: { devices: { disks: { name: string }[]; interfaces: { name: string }[] } };
  volumes: { name: string }[];
  networks: { name: string }[];
}
