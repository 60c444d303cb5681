import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Pair,
  parseDocument,
  YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isJsonObject, type JsonObject } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { nodeSpan } from '../locate';
import { CLOUD_CONFIG_YAML } from './user-data';

const HEADER = '#cloud-config';

/** Keys that name an entry of a list: users, files, network devices. */
const NAMES = ['name', 'path', 'id', 'device', 'mac_address'];

/** A cloud-config as a new text. */
export function writeCloudConfig(config: JsonObject): string {
  return `${HEADER}\n${Object.keys(config).length > 0 ? stringify(config) : ''}`;
}

/** A mapping as a new text without the header, e.g. network data. */
export function writeConfig(config: JsonObject): string {
  return Object.keys(config).length > 0 ? stringify(config) : '';
}

function stringify(config: JsonObject): string {
  return new Document(config, CLOUD_CONFIG_YAML).toString({ lineWidth: 0, indentSeq: false });
}

/**
 * The text of a config changed so that it reads as `after`. Only the top-level keys that differ are written anew, and
 * within them comments, quotes and order of what stays are kept; everything else stays letter by letter. Undefined when
 * the text cannot be read as one mapping.
 */
export function rewriteConfig(content: string, after: JsonObject): string | undefined {
  const document = parseDocument(content, CLOUD_CONFIG_YAML);
  if (document.errors.length > 0) return undefined;
  const root: unknown = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    if (Object.keys(after).length === 0) return content;
    return `${content}${content === '' || content.endsWith('\n') ? '' : '\n'}${stringify(after)}`;
  }
  if (!isMap(root)) return undefined;
  const before = document.toJS({ maxAliasCount: 100 }) as JsonObject;
  if (sameJson(before, after)) return content;
  const spliced = root.flow ? undefined : splice(content, document, root, before, after);
  if (spliced !== undefined && reads(spliced, after)) return spliced;
  // Anchors, merge keys and flow style cannot be taken piece by piece.
  const whole = parseDocument(content, CLOUD_CONFIG_YAML);
  whole.contents = rewritten(whole, whole.contents, after) as typeof whole.contents;
  const written = whole.toString({ lineWidth: 0, indentSeq: hasIndentedLists(content) });
  return reads(written, after) ? written : `${headOf(content)}${stringify(after)}`;
}

function reads(content: string, wanted: JsonObject): boolean {
  const document = parseDocument(content, CLOUD_CONFIG_YAML);
  return document.errors.length === 0 && sameJson(document.toJS() ?? {}, wanted);
}

function headOf(content: string): string {
  return /^\s*#cloud-config/.test(content) ? `${HEADER}\n` : '';
}

/** Whether lists stand deeper than their key, as this text has them. */
function hasIndentedLists(content: string): boolean {
  return /^[\w-]+:[ \t]*(#.*)?\n[ \t]+- /m.test(content);
}

function splice(
  content: string,
  document: Document.Parsed,
  root: YAMLMap,
  before: JsonObject,
  after: JsonObject,
): string | undefined {
  let made = content;
  const known = new Set<string>();
  // From the end, so that offsets before it stay true.
  for (const pair of [...root.items].reverse()) {
    const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
    const from = nodeSpan(pair.key)?.[0];
    const to = endOf(pair.value) ?? nodeSpan(pair.key)?.[1];
    if (key === undefined || key === '<<' || from === undefined || to === undefined) return undefined;
    known.add(key);
    if (sameJson(before[key], after[key])) continue;
    const rest = made.slice(to).replace(/^[ \t]*\n/, (line) => (made[to - 1] === '\n' ? line : ''));
    if (after[key] === undefined) made = made.slice(0, from) + rest;
    else {
      const piece = writePair(content, document, pair, after[key]);
      if (piece === undefined) return undefined;
      made = made.slice(0, from) + piece + rest;
    }
  }
  const added = Object.fromEntries(
    Object.entries(after).filter(([key, value]) => !known.has(key) && value !== undefined),
  );
  if (Object.keys(added).length === 0) return made;
  return `${made}${made === '' || made.endsWith('\n') ? '' : '\n'}${stringify(added)}`;
}

function writePair(content: string, document: Document, pair: Pair, value: unknown): string | undefined {
  const key = pair.key;
  if (!isScalar(key)) return undefined;
  // What stands above the key stays where it is in the text.
  const name = document.createNode(key.value) as Node;
  const map = new YAMLMap();
  map.items.push(new Pair(name, rewritten(document, pair.value, value)));
  const alone = new Document(null, CLOUD_CONFIG_YAML);
  alone.contents = map as unknown as typeof alone.contents;
  try {
    return alone.toString({ lineWidth: 0, indentSeq: hasIndentedLists(content) });
  } catch {
    // An alias whose anchor stands elsewhere in the text.
    return undefined;
  }
}

function endOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  return node.range[2] as number | undefined;
}

/** The node with as much of its old self as goes with the value. */
function rewritten(document: Document, node: unknown, after: unknown): unknown {
  if (isNodeLike(node) && sameJson(node.toJS(document), after)) return node;
  if (isAlias(node)) return document.createNode(after);
  if (isMap(node) && isJsonObject(after) && !node.has('<<')) return rewriteMap(document, node, after);
  if (isSeq(node) && Array.isArray(after)) return rewriteList(document, node, after);
  if (isScalar(node) && typeof node.value === typeof after && after !== null) {
    // Nothing had to stand in quotes; what stands there now may not need them.
    if (node.value === '') node.type = 'PLAIN';
    node.value = after;
    return node;
  }
  return document.createNode(after);
}

function rewriteMap(document: Document, map: YAMLMap, after: JsonObject): YAMLMap {
  const known = new Set<string>();
  map.items = map.items.filter((pair) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    known.add(key);
    if (after[key] === undefined) return false;
    pair.value = rewritten(document, pair.value, after[key]);
    return true;
  });
  for (const [key, value] of Object.entries(after)) {
    if (!known.has(key) && value !== undefined) map.items.push(document.createPair(key, value));
  }
  return map;
}

/** Entries are matched by equality, then by their names, then by their place among those that are left. */
function rewriteList(document: Document, list: YAMLSeq, after: readonly unknown[]): YAMLSeq {
  const old = list.items.map((node) => ({ node, value: plainOf(document, node), isTaken: false }));
  const take = (isRight: (value: unknown, index: number) => boolean) => {
    const found = old.find(({ value, isTaken }, index) => !isTaken && isRight(value, index));
    if (found) found.isTaken = true;
    return found?.node;
  };
  const equal = after.map((value) => take((other) => sameJson(other, value)));
  const named = after.map(
    (value, index) =>
      equal[index] ?? take((other) => nameOf(other) !== undefined && nameOf(other) === nameOf(value)),
  );
  list.items = after.map((value, index) => {
    const node = named[index] ?? take((_, place) => place === index && old.length === after.length);
    return node === undefined ? document.createNode(value) : rewritten(document, node, value);
  });
  return list;
}

function plainOf(document: Document, node: unknown): unknown {
  return isNodeLike(node) ? node.toJS(document) : node;
}

function isNodeLike(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && 'toJS' in node;
}

function nameOf(value: unknown): string | undefined {
  if (!isJsonObject(value)) return undefined;
  for (const key of NAMES) if (typeof value[key] === 'string') return `${key} ${value[key]}`;
  return undefined;
}
