import type { BootSource, IsoMedium } from '@/lib/kinds/vm/form/boot-source';

/** Where a first disk comes from, beside the images and container disks that are offered by name. */
export const OTHER_KINDS = [
  'http',
  'registry',
  'upload',
  'iso',
  'volume',
  'snapshot',
  'vm',
  'vmSnapshot',
  'blank',
] as const;

export type OtherKind = (typeof OTHER_KINDS)[number];

/** Kinds that say nothing in the manifest: a file before it is in a volume, and what is made by a clone instead. */
const UNWRITTEN: readonly OtherKind[] = ['upload', 'vm', 'vmSnapshot'];

export function isUnwritten(kind: OtherKind | undefined): kind is 'upload' | 'vm' | 'vmSnapshot' {
  return kind !== undefined && UNWRITTEN.includes(kind);
}

const EMPTY_MEDIUM: IsoMedium = { kind: 'http', url: '' };

/** What the chooser shows as chosen; empty for what it can't show. */
export function choiceOf(source: BootSource): string {
  switch (source.kind) {
    case 'containerDisk':
      return `disk:${source.image}`;
    case 'volume':
      return 'kind:volume';
    case 'iso':
      return 'kind:iso';
    case 'template': {
      const { from } = source;
      if (from.kind === 'dataSource') return `image:${from.namespace}/${from.name}`;
      if (from.kind === 'pvc') return 'kind:volume';
      return from.kind === 'other' ? '' : `kind:${from.kind}`;
    }
    default:
      return '';
  }
}

/** The kind that an option stands for, if it is one of the others. */
export function kindOfChoice(choice: string): OtherKind | undefined {
  return OTHER_KINDS.find((kind) => choice === `kind:${kind}`);
}

/**
 * What a choice makes of the boot source: an option's value, or words that somebody typed (an address, a reference into
 * a registry, an image). An upload has no source before there is a volume.
 */
export function sourceOfChoice(choice: string, namespace: string): BootSource {
  const image = /^image:([^/]*)\/(.+)$/.exec(choice);
  if (image) {
    const [, from = '', name = ''] = image;
    return { kind: 'template', from: { kind: 'dataSource', namespace: from, name } };
  }
  switch (kindOfChoice(choice)) {
    case 'http':
      return { kind: 'template', from: { kind: 'http', url: '' } };
    case 'registry':
      return { kind: 'template', from: { kind: 'registry', url: '' } };
    case 'iso':
      return { kind: 'iso', medium: EMPTY_MEDIUM };
    case 'volume':
      return { kind: 'volume', type: 'persistentVolumeClaim', name: '' };
    case 'snapshot':
      return { kind: 'template', from: { kind: 'snapshot', namespace, name: '' } };
    case 'upload':
    case 'vm':
    case 'vmSnapshot':
      return { kind: 'none' };
    case 'blank':
      return { kind: 'template', from: { kind: 'blank' } };
  }
  if (/^https?:\/\//.test(choice)) return { kind: 'template', from: { kind: 'http', url: choice } };
  if (/^(docker|oci-archive):\/\//.test(choice))
    return { kind: 'template', from: { kind: 'registry', url: choice } };
  return { kind: 'containerDisk', image: choice.replace(/^disk:/, '') };
}
