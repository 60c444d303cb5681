import { describe, expect, it } from 'vitest';
import { readDocuments } from '@/lib/manifest/documents';
import { outlineAt } from '@/lib/manifest/schema/read-outline';
import { insertSnippet, snippetsFor } from './insert-snippet';
import { fittingSnippets, SNIPPETS } from './snippets';

const VM = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: a # mine
spec:
  template:
    spec:
      domain:
        devices:
          disks:
          - name: data # first
            disk: {}
      volumes:
      - name: data
        emptyDisk: {capacity: 1Gi}
`;

const find = (id: string) => {
  const snippet = SNIPPETS.find((each) => each.id === id);
  if (!snippet) throw new Error(`No snippet ${id}`);
  return snippet;
};

describe('snippets', () => {
  it('put all their parts in, under a name that is free, and leave the rest as it is written', () => {
    const text = insertSnippet(VM, 0, find('disk')) ?? '';
    const [vm] = readDocuments(text)?.objects ?? [];
    expect(vm).toMatchObject({
      spec: {
        template: {
          spec: {
            domain: { devices: { disks: [{ name: 'data' }, { name: 'data-2' }] } },
            volumes: [{ name: 'data' }, { name: 'data-2', persistentVolumeClaim: { claimName: 'data' } }],
          },
        },
      },
    });
    for (const kept of ['# mine', '# first', 'emptyDisk: {capacity: 1Gi}']) expect(text).toContain(kept);
  });

  it('go into the document of the cursor, and make what is missing on the way', () => {
    const two = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n${VM}---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n`;
    const text = insertSnippet(two, two.indexOf('VirtualMachine'), find('toleration')) ?? '';
    const [map, vm, pod] = readDocuments(text)?.objects ?? [];
    expect(vm).toMatchObject({ spec: { template: { spec: { tolerations: [{ key: 'dedicated' }] } } } });
    expect([map?.kind, pod?.kind, pod?.spec]).toEqual(['ConfigMap', 'Pod', undefined]);
    expect(snippetsFor(two, 0)).toEqual([]);
    expect(snippetsFor(two, two.length).map(({ id }) => id)).toEqual(['toleration', 'spread', 'nodes']);
  });

  it('are each readable where the cursor offers them', () => {
    const offered = (marked: string) => {
      const cursor = marked.indexOf('|');
      const text = marked.replace('|', '');
      const outline = outlineAt(text, cursor);
      const place = outline?.place;
      const found = outline && place ? fittingSnippets(outline, place) : [];
      return found.map(({ insert, from, to }) => text.slice(0, from) + insert + text.slice(to));
    };
    const texts = [
      ...offered(VM.replace('      domain:', '      |\n      domain:')),
      ...offered(VM.replace('      volumes:\n', '      volumes:\n      - |\n')),
      ...offered(VM.replace('          disks:\n', '          interfaces:\n          |\n          disks:\n')),
    ];
    expect(texts.length).toBeGreaterThan(8);
    for (const text of texts) expect(readDocuments(text)?.objects, text).toHaveLength(1);
  });
});
