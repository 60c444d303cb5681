'use client';

import { useEffect, useState } from 'react';
import { EXAMPLES } from '@/components/form/create/examples';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { withValueAt, wordAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { inNamespace, VM_NAMESPACE } from '@/lib/kinds/vm/create/namespace';
import { newVm, proposedName } from '@/lib/kinds/vm/form/new-vm';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import { writeManifest } from '@/lib/manifest/write';
import type { CreateStart } from '@/lib/paths';
import { cloneOf } from './clone';
import { isVm } from './manifest-draft';
import { NAME_BYTES } from './name-bytes';
import { type Template, templateOfConfigMap, templateOfKubeVirt } from './template/template';

/** What the form begins with, once it is known. */
export type Start =
  | { state: 'loading' }
  | { state: 'text'; text: string }
  | { state: 'template'; template: Template }
  | { state: 'missing'; name: string }
  | { state: 'failed'; error: ApiErrorJson };

const DEFAULT_NAMESPACE = 'default';

/** Looks up what the address asks the form to start from. */
export function useStart(cluster: string, { example, template, clone, namespace }: CreateStart): Start {
  const [start, setStart] = useState<Start>(() => {
    if (template || clone) return { state: 'loading' };
    const found = EXAMPLES.find(({ id }) => id === example);
    const vm = () => newVm({ name: freshName(), namespace: namespace ?? DEFAULT_NAMESPACE });
    const yaml = found && namespace ? inGivenNamespace(found.yaml, namespace) : found?.yaml;
    return { state: 'text', text: yaml ?? writeManifest(vm()) };
  });
  useEffect(() => {
    if (!template && !clone) return;
    let current = true;
    const load = template ? findTemplate(cluster, template) : copyVm(cluster, clone ?? '', namespace);
    load.then(
      (found) => {
        if (current) setStart(found);
      },
      (reason: unknown) => {
        const error =
          reason instanceof ApiError
            ? reason
            : new ApiError(0, 'Unexpected', String(reason), { method: '', path: '' });
        if (current) setStart({ state: 'failed', error: error.toJSON() });
      },
    );
    return () => {
      current = false;
    };
  }, [cluster, template, clone, namespace]);
  return start;
}

/** An example or a template says nothing of where its VM goes; one that does keeps it. */
export function inGivenNamespace(text: string, namespace: string): string {
  const objects = readDocuments(text)?.objects;
  const placed = objects?.map((each) =>
    isVm(each) && !wordAt(each, VM_NAMESPACE) ? withValueAt(each, VM_NAMESPACE, namespace) : each,
  );
  return (placed && rewriteDocuments(text, placed)) ?? text;
}

function freshName(): string {
  return proposedName(crypto.getRandomValues(new Uint8Array(NAME_BYTES)));
}

/** By lists of one: asking for something by a name that is not there would be an error in the browser's log. */
async function findOne(
  cluster: string,
  resource: Parameters<typeof resourcePath>[0],
  namespace: string,
  name: string,
): Promise<K8sObject | undefined> {
  const { body } = await callApi<{ items?: K8sObject[] }>(cluster, resourcePath(resource, namespace), {
    query: { fieldSelector: `metadata.name=${name}` },
  });
  return body.items?.[0];
}

async function findTemplate(cluster: string, place: string): Promise<Start> {
  const [namespace = '', name = ''] = place.split('/');
  const map = await findOne(cluster, RESOURCES.configMaps, namespace, name);
  const ours = map && templateOfConfigMap(map);
  if (ours) return { state: 'template', template: ours };
  try {
    const own = await findOne(cluster, RESOURCES.virtualMachineTemplates, namespace, name);
    const template = own && templateOfKubeVirt(own);
    return template ? { state: 'template', template } : { state: 'missing', name: place };
  } catch (error) {
    // A cluster that doesn't know the kind has none of it.
    if (error instanceof ApiError && error.code === 404) return { state: 'missing', name: place };
    throw error;
  }
}

async function copyVm(cluster: string, place: string, namespace: string | undefined): Promise<Start> {
  const [from = '', name = ''] = place.split('/');
  const vm = await findOne(cluster, RESOURCES.virtualMachines, from, name);
  if (!vm) return { state: 'missing', name: place };
  const whole = { ...vm, apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' };
  const copy = cloneOf(whole, `${name}-copy`);
  const moved = namespace ? inNamespace({ vm: copy, others: [] }, namespace).vm : copy;
  return { state: 'text', text: writeManifest(moved) };
}
