import { parse, stringify } from 'yaml';
import { isJsonObject, type JsonObject, valueAt, wordAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { apiVersionOf } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import { WRITE_OPTIONS, writeManifest } from '@/lib/manifest/write';
import { isVm } from '../manifest-draft';
import { filled, type Parameter, readParameters } from './parameters';

/** The label by which ConfigMaps that hold templates are found. */
export const TEMPLATE_LABEL = 'portlight.io/template';

const TEXT_KEY = 'manifest.yaml';
const PARAMETERS_KEY = 'parameters.yaml';
const DESCRIPTION = 'portlight.io/description';

/** A VM with places left open, wherever it is stored. */
export interface Template {
  kind: 'ConfigMap' | 'VirtualMachineTemplate';
  namespace: string;
  name: string;
  description: string;
  parameters: Parameter[];
  /** Documents with `${NAME}` in the places of parameters. */
  text: string;
}

/** Reads a ConfigMap of ours; undefined when it holds no readable template. */
export function templateOfConfigMap(
  object: K8sObject & { data?: Record<string, string> },
): Template | undefined {
  const text = object.data?.[TEXT_KEY];
  if (text === undefined || !readDocuments(text)?.objects.some(isVm)) return undefined;
  return {
    ...placeOf(object),
    kind: 'ConfigMap',
    text,
    parameters: readParameters(parsed(object.data?.[PARAMETERS_KEY])),
  };
}

/** Reads a VirtualMachineTemplate of KubeVirt's; undefined when it holds no VM. */
export function templateOfKubeVirt(object: K8sObject): Template | undefined {
  const vm = valueAt(object, ['spec', 'virtualMachine']);
  if (!isJsonObject(vm)) return undefined;
  const whole = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', ...vm };
  return {
    ...placeOf(object),
    kind: 'VirtualMachineTemplate',
    text: writeManifest(whole),
    parameters: readParameters(valueAt(object, ['spec', 'parameters'])),
  };
}

/** The ConfigMap that holds a template, with its comments. */
export function configMapOf({ namespace, name, description, parameters, text }: Template): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels: { [TEMPLATE_LABEL]: 'true' },
      ...(description ? { annotations: { [DESCRIPTION]: description } } : {}),
    },
    data: { [TEXT_KEY]: text, [PARAMETERS_KEY]: stringify(parameters, WRITE_OPTIONS) },
  };
}

/** The same as KubeVirt's own kind, which holds a VM and nothing beside it; undefined when there is more. */
export function kubeVirtTemplateOf({
  namespace,
  name,
  description,
  parameters,
  text,
}: Template): JsonObject | undefined {
  const [vm, ...others] = readDocuments(text)?.objects ?? [];
  if (!vm || others.length > 0) return undefined;
  const { apiVersion: _apiVersion, kind: _kind, ...virtualMachine } = vm;
  return {
    apiVersion: apiVersionOf(RESOURCES.virtualMachineTemplates),
    kind: RESOURCES.virtualMachineTemplates.kind,
    metadata: { name, namespace, ...(description ? { annotations: { [DESCRIPTION]: description } } : {}) },
    spec: { virtualMachine, parameters },
  };
}

/** The text with values in the places of parameters; comments stay. */
export function instantiate({ text }: Pick<Template, 'text'>, values: ReadonlyMap<string, string>): string {
  const objects = readDocuments(text)?.objects ?? [];
  // A mapping stays one, whatever is put into its values.
  return (
    rewriteDocuments(
      text,
      objects.map((each) => filled(each, values) as JsonObject),
    ) ?? text
  );
}

function placeOf(object: K8sObject): Pick<Template, 'namespace' | 'name' | 'description'> {
  const { name, namespace = '', annotations } = object.metadata;
  return { name, namespace, description: annotations?.[DESCRIPTION] ?? wordAt(object, ['spec', 'message']) };
}

function parsed(content: string | undefined): unknown {
  try {
    return content === undefined ? undefined : parse(content);
  } catch {
    // Somebody broke it by hand: the text itself still names its places.
    return undefined;
  }
}
