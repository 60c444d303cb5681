import { isJsonObject } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import type { Path } from '../field-path';
import { locate } from '../locate';
import type { Problem, Severity } from '../problem';
import { MASK } from '../secret';
import { CARD_SHAPE, CLOUD_CONFIG_KEYS, NETWORK_KEYS, type Shape } from './schema';
import { type ConfigReading, readConfig, readUserData } from './user-data';

/**
 * What cloud-init would say of user data: errors at the lines of values that its modules would not take, and hints at
 * keys that no module has. Scripts and the like are not looked into.
 */
export function userDataProblems(content: string): Problem[] {
  const reading = readUserData(content);
  if (reading.kind !== 'cloud-config' || !reading.config) return reading.problems;
  const note = noting(content, reading);
  for (const [key, value] of Object.entries(reading.config)) {
    const shape = Object.hasOwn(CLOUD_CONFIG_KEYS, key) ? CLOUD_CONFIG_KEYS[key] : undefined;
    if (shape) check(shape, value, [key], note);
    else if (!key.startsWith('x-')) note([key], unknownKey(key), 'info');
  }
  const path = findMask(reading.config, []);
  if (path) note(path, text('guest.problem.notKept'), 'error');
  return [...reading.problems, ...note.found];
}

/** The same of network data. */
export function networkDataProblems(content: string): Problem[] {
  if (content.trim() === '') return [];
  const reading = readConfig(content);
  if (!reading.config) return reading.problems;
  const note = noting(content, reading);
  const root = isJsonObject(reading.config.network) ? ['network'] : [];
  const config = isJsonObject(reading.config.network) ? reading.config.network : reading.config;
  const { version } = config;
  if (config.config === 'disabled') return [];
  if (version !== 1 && version !== 2) note([...root, 'version'], text('guest.problem.version'), 'error');
  else check(NETWORK_KEYS[version], config, root, note);
  if (version === 2 && isJsonObject(config.ethernets)) {
    for (const [name, card] of Object.entries(config.ethernets))
      check(CARD_SHAPE, card, [...root, 'ethernets', name], note);
  }
  return note.found;
}

type Note = ((path: Path, message: Text, severity: Severity) => void) & { found: Problem[] };

function noting(content: string, reading: ConfigReading): Note {
  const found: Problem[] = [];
  const note = (path: Path, message: Text, severity: Severity) => {
    const range = locate({ text: content, range: reading.range }, { node: reading.node }, path);
    found.push({ severity, message, range, document: 0 });
  };
  return Object.assign(note, { found });
}

function check(shape: Shape, value: unknown, path: Path, note: Note): void {
  if (typeof shape === 'object' && 'oneOf' in shape) {
    const right = shape.oneOf.find((each) => isOf(each, value));
    if (right) check(right, value, path, note);
    else note(path, wrongType(path, shape), 'error');
    return;
  }
  if (!isOf(shape, value)) {
    note(path, wrongType(path, shape), 'error');
    return;
  }
  if (typeof shape !== 'object') return;
  if ('list' in shape && Array.isArray(value)) {
    value.forEach((entry, index) => {
      check(shape.list, entry, [...path, index], note);
    });
  }
  if (!('keys' in shape) || !isJsonObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
    if (known) check(known, inner, [...path, key], note);
    else if (shape.closed) note([...path, key], unknownKey(key), 'info');
  }
  for (const key of shape.required ?? []) {
    if (value[key] === undefined) note(path, text('guest.problem.required', { key }), 'error');
  }
}

/** Whether a value is of this kind, whatever is in it. Nothing at all (`runcmd:`) is passed over by cloud-init. */
function isOf(shape: Shape, value: unknown): boolean {
  if (shape === 'anything' || value === null) return true;
  if (shape === 'text') return typeof value === 'string';
  if (shape === 'switch') return typeof value === 'boolean';
  if (shape === 'number') return typeof value === 'number';
  if ('list' in shape) return Array.isArray(value);
  if ('keys' in shape) return isJsonObject(value);
  if ('words' in shape) return shape.words.includes(String(value));
  return shape.oneOf.some((each) => isOf(each, value));
}

function wrongType(path: Path, shape: Shape): Text {
  const key = String(path.at(-1) ?? '');
  const name = typeof path.at(-1) === 'number' ? String(path.at(-2) ?? '') : key;
  const kinds = [...new Set(kindsOf(shape))];
  const words = kinds.length === 1 ? wordsOf(shape) : undefined;
  if (words) return text('guest.problem.oneOf', { key: name, words: words.join(', ') });
  return text(`guest.problem.type.${kinds[0] ?? 'text'}`, { key: name });
}

type Kind = 'text' | 'switch' | 'number' | 'list' | 'mapping' | 'textOrList' | 'word';

function kindsOf(shape: Shape): Kind[] {
  if (shape === 'anything') return [];
  if (typeof shape === 'string') return [shape];
  if ('list' in shape) return ['list'];
  if ('keys' in shape) return ['mapping'];
  if ('words' in shape) return ['word'];
  const kinds = shape.oneOf.flatMap(kindsOf).filter((kind) => kind !== 'word');
  return kinds.includes('text') && kinds.includes('list') ? ['textOrList'] : kinds.slice(0, 1);
}

function wordsOf(shape: Shape): readonly string[] | undefined {
  return typeof shape === 'object' && 'words' in shape ? shape.words : undefined;
}

/** Words of other systems and of YAML's habits that are taken for cloud-init's. */
function unknownKey(key: string): Text {
  const underscored = key.replaceAll('-', '_');
  if (underscored !== key && Object.hasOwn(CLOUD_CONFIG_KEYS, underscored))
    return text('guest.problem.underscore', { key, right: underscored });
  return text('guest.problem.unknownKey', { key });
}

function findMask(value: unknown, path: (string | number)[]): (string | number)[] | undefined {
  if (typeof value === 'string') return value.includes(MASK) ? path : undefined;
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  for (const [key, inner] of entries) {
    const found = findMask(inner, [...path, key]);
    if (found) return found;
  }
  return undefined;
}
