'use client';

import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { type BootSource, readBootSource, rootDisk, writeBootSource } from '@/lib/kinds/vm/form/boot-source';
import { KNOWN_DISKS } from '@/lib/kinds/vm/form/container-disks';
import {
  clusterDefaults,
  defaultsOfLabels,
  FRESH_VM,
  type ImageDefaults,
  NO_DEFAULTS,
  withImageDefaults,
} from '@/lib/kinds/vm/form/image-defaults';
import { claimSize, type DataSourceOffer } from '@/lib/kinds/vm/form/storage-offers';
import { Choice } from '../choice';
import type { ChoiceOption } from '../choice-options';
import { FormField } from '../form-field';
import { SectionBody } from '../section-part';
import { onVm, useVmForm } from '../vm-form';
import { ImageDetails } from './image-details';
import {
  choiceOf,
  isUnwritten,
  kindOfChoice,
  OTHER_KINDS,
  type OtherKind,
  sourceOfChoice,
} from './image-kinds';
import { useImages, useOffers } from './use-offers';

/** What a VM starts from: an image of the cluster, a container disk, or anything else that fills a disk. */
export function ImageChoice() {
  const t = useText();
  const { cluster, namespace, draft, change, locked } = useVmForm();
  const images = useImages(cluster, namespace);
  const sizes = useOffers(cluster, RESOURCES.clusterInstancetypes).offers;
  const systems = useOffers(cluster, RESOURCES.clusterPreferences).offers;
  const has = (name: string) => [...sizes, ...systems].some(({ metadata }) => metadata.name === name);
  const source = readBootSource(draft.vm);
  // An upload has no place in the manifest before there is a volume to name, and a clone never has one.
  const [picked, setPicked] = useState<{ over: string; kind: OtherKind }>();
  const said = choiceOf(source);
  const isPicked = picked?.over === said;
  const value = isPicked ? `kind:${picked.kind}` : said;

  const write = (next: BootSource, defaults: ImageDefaults, least?: string) =>
    change(
      onVm((vm) =>
        withImageDefaults(writeBootSource(vm, next, least), defaults, {
          before: defaultsOf(readBootSource(vm), images.offers, has),
          fresh: FRESH_VM,
        }),
      ),
    );
  const choose = (choice: string) => {
    const kind = kindOfChoice(choice);
    setPicked(isUnwritten(kind) ? { over: said, kind } : undefined);
    if (isUnwritten(kind)) return;
    const next = sourceOfChoice(choice, namespace);
    write(next, defaultsOf(next, images.offers, has));
    const offer = offerOf(next, images.offers);
    // How large the image is stands with what is behind it; a smaller disk could not take it.
    if (offer)
      void sizeBehind(cluster, offer).then((least) => {
        if (!least) return;
        change(
          onVm((vm) => (choiceOf(readBootSource(vm)) === choice ? writeBootSource(vm, next, least) : vm)),
        );
      });
  };
  const options = useOptions(images.offers, source);
  const isMissing = source.kind === 'none' && !isPicked;
  return (
    <SectionBody>
      <FormField
        id="image"
        label={t('disks.image.label')}
        help={t('disks.image.help')}
        isRequired
        problems={
          isMissing ? [{ path: 'image', severity: 'error', message: { key: 'disks.image.missing' } }] : []
        }
      >
        {(control) => (
          <Choice
            {...control}
            label={t('disks.image.label')}
            placeholder={t('disks.image.placeholder')}
            allowOther
            options={options}
            value={value}
            isLoading={images.isLoading}
            isDisabled={locked !== undefined}
            onChange={choose}
            {...(images.error === undefined ? {} : { error: images.error })}
          />
        )}
      </FormField>
      <ImageDetails
        kind={kindOfChoice(value)}
        source={source}
        root={rootDisk(draft.vm)}
        onSource={(next, least) => write(next, defaultsOf(next, images.offers, has), least)}
        onUploading={(name) => {
          setPicked(undefined);
          write({ kind: 'volume', type: 'dataVolume', name }, NO_DEFAULTS);
        }}
      />
    </SectionBody>
  );
}

function useOptions(images: readonly DataSourceOffer[], source: BootSource): ChoiceOption[] {
  const t = useText();
  const known = KNOWN_DISKS.map(({ image, title }) => ({
    value: `disk:${image}`,
    label: title,
    description: image,
    group: t('disks.image.containerDisks'),
  }));
  const said = choiceOf(source);
  const own: ChoiceOption[] =
    source.kind === 'containerDisk' && source.image && !known.some(({ value }) => value === said)
      ? [{ value: said, label: source.image, group: t('disks.image.containerDisks') }]
      : [];
  return [
    ...images.map((offer) => ({
      value: `image:${offer.namespace}/${offer.name}`,
      label: offer.name,
      description: descriptionOf(offer),
      group: t('disks.image.ofCluster'),
    })),
    ...own,
    ...known,
    ...OTHER_KINDS.map((kind) => ({
      value: `kind:${kind}`,
      label: t(`disks.image.${kind}`),
      description: t(`disks.image.${kind}Help`),
      group: t('disks.image.others'),
    })),
  ];

  function descriptionOf({ namespace, labels, isReady, message }: DataSourceOffer): string {
    const { instancetype, preference } = defaultsOfLabels(labels);
    return [
      ...(isReady ? [] : [t('disks.image.notReady', { message: message || '–' })]),
      t('disks.image.in', { namespace }),
      ...[preference.name, instancetype.name].filter(Boolean),
    ].join(' · ');
  }
}

function offerOf(source: BootSource, images: readonly DataSourceOffer[]): DataSourceOffer | undefined {
  const from = source.kind === 'template' ? source.from : undefined;
  return from?.kind === 'dataSource'
    ? images.find(({ namespace, name }) => namespace === from.namespace && name === from.name)
    : undefined;
}

/** The size and the system that a source asks for. */
function defaultsOf(
  source: BootSource,
  images: readonly DataSourceOffer[],
  has: (name: string) => boolean,
): ImageDefaults {
  const offer = offerOf(source, images);
  if (offer) return defaultsOfLabels(offer.labels);
  const known = KNOWN_DISKS.find(({ image }) => source.kind === 'containerDisk' && source.image === image);
  // A VM that names what the cluster lacks is accepted, and never starts.
  return known && has(known.instancetype) && has(known.preference)
    ? clusterDefaults(known.instancetype, known.preference)
    : NO_DEFAULTS;
}

/** The size of what a DataSource stands for; undefined when it may not be read. */
async function sizeBehind(cluster: string, { behind }: DataSourceOffer): Promise<string | undefined> {
  if (!behind) return undefined;
  const resource = behind.kind === 'pvc' ? RESOURCES.persistentVolumeClaims : RESOURCES.volumeSnapshots;
  const path = resourcePath(resource, behind.namespace, behind.name);
  const object = await callApi<K8sObject>(cluster, path).then(
    ({ body }) => body,
    // The size is only a help: the cluster checks it again.
    () => undefined,
  );
  if (!object) return undefined;
  return (behind.kind === 'pvc' ? claimSize(object) : wordAt(object, ['status', 'restoreSize'])) || undefined;
}
