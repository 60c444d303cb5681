import { secretsApart } from '@/lib/guest-setup/guest-config';
import { withoutSecretValues } from '@/lib/guest-setup/secret-values';
import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { renamed, VM_NAME } from '@/lib/kinds/vm/create/rename';
import { DOMAIN, GUEST, type VmDraft } from '@/lib/kinds/vm/form/field';
import { decodeBase64, isSecretDocument } from '@/lib/kinds/vm/form/guest/secret-document';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import { MASK } from '@/lib/manifest/secret';
import { draftOf, objectsOf } from '../manifest-draft';
import type { Parameter } from './parameters';

/** A place of a VM that a template may leave open. */
export interface Opening {
  /** The parameter's name. */
  name: string;
  path: readonly (string | number)[];
  value: string;
}

/** What a template may leave open beside the name and the secrets, which it always does. */
export function openingsOf({ vm }: VmDraft): Opening[] {
  const found: Opening[] = [];
  const add = (name: string, path: readonly (string | number)[]) => {
    const value = valueAt(vm, path);
    if (typeof value === 'string' && value !== '') found.push({ name, path, value });
  };
  const volumes = valueAt(vm, [...GUEST, 'volumes']);
  if (Array.isArray(volumes)) {
    const at = volumes.findIndex((each) => valueAt(each, ['containerDisk', 'image']) !== undefined);
    if (at >= 0) add('IMAGE', [...GUEST, 'volumes', at, 'containerDisk', 'image']);
  }
  const template = ['spec', 'dataVolumeTemplates', 0, 'spec'] as const;
  add('IMAGE', [...template, 'sourceRef', 'name']);
  add('IMAGE_URL', [...template, 'source', 'http', 'url']);
  for (const shape of ['storage', 'pvc'])
    add('DISK_SIZE', [...template, shape, 'resources', 'requests', 'storage']);
  add('MEMORY', [...DOMAIN, 'memory', 'guest']);
  add('INSTANCETYPE', ['spec', 'instancetype', 'name']);
  return found.filter(({ name }, index) => found.findIndex((each) => each.name === name) === index);
}

const NAME: Parameter = { name: 'NAME', displayName: 'Name', required: true };
const PASSWORD_FROM = '[a-hj-km-np-x2-9]{4}-[a-hj-km-np-x2-9]{4}-[a-hj-km-np-x2-9]{4}-[a-hj-km-np-x2-9]{4}';

/**
 * Makes a template of a manifest: the VM's name becomes a parameter with everything that is named after it, the chosen
 * places too, and no value of a Secret stays. Undefined when the text can't be read.
 */
export function makeTemplate(
  text: string,
  chosen: ReadonlySet<string>,
): { text: string; parameters: Parameter[] } | undefined {
  const placed = draftOf(readDocuments(text)?.objects ?? []);
  if (!placed) return undefined;
  const parameters: Parameter[] = [];
  let draft = secretsApart(placed.draft);
  for (const { name, path, value } of openingsOf(draft)) {
    if (!chosen.has(name)) continue;
    draft = { ...draft, vm: withValueAt(draft.vm, path, `\${${name}}`) };
    parameters.push({ name, value, required: true });
  }
  if (wordAt(draft.vm, VM_NAME)) draft = renamed(draft, `\${${NAME.name}}`);
  // Where a VM is made is asked when it is made.
  const inPlace = (object: JsonObject) => withValueAt(object, ['metadata', 'namespace'], undefined);
  const others = withoutSecretValues(draft.others).map((each) =>
    inPlace(isSecretDocument(each) ? withOpenSecrets(each, parameters) : each),
  );
  const objects = objectsOf(placed, { vm: inPlace(draft.vm), others });
  const written = rewriteDocuments(text, objects);
  return written === undefined ? undefined : { text: written, parameters: [NAME, ...parameters] };
}

/** The Secret with parameters in the places of what was hidden in it. */
function withOpenSecrets(secret: JsonObject, parameters: Parameter[]): JsonObject {
  let made = secret;
  const open = (line: string) => {
    const isPassword = /passw/i.test(line);
    const base = isPassword ? 'PASSWORD' : 'SECRET';
    const name = freeName(base, parameters);
    parameters.push(
      isPassword
        ? { name, generate: 'expression', from: PASSWORD_FROM, required: true }
        : { name, required: true },
    );
    return `\${${name}}`;
  };
  for (const field of ['data', 'stringData'] as const) {
    const values = secret[field];
    if (!isJsonObject(values)) continue;
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== 'string') continue;
      const plain = field === 'data' && value !== MASK ? (decodeBase64(value) ?? value) : value;
      if (!plain.includes(MASK)) continue;
      const opened = plain
        .split('\n')
        .map((line) => line.replaceAll(MASK, () => open(`${key === 'userdata' ? '' : key} ${line}`)))
        .join('\n');
      made = withValueAt(withValueAt(made, [field, key], undefined), ['stringData', key], opened);
    }
  }
  return made;
}

function freeName(base: string, parameters: readonly Parameter[]): string {
  const taken = new Set(parameters.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}_${number}`;
    if (!taken.has(name)) return name;
  }
}
