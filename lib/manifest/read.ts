import { type Text, text } from '@/lib/text';
import { checkManifest } from './check';
import type { Path } from './field-path';
import { locate } from './locate';
import { groupOf, isMapping, type Manifest } from './manifest';
import type { Problem, Range, Severity } from './problem';
import { checkQuantities } from './quantities';
import { parseSource, type Source, type SourceDocument } from './source';

/** A text read as manifests, with all that can be said about it without asking a cluster. */
export interface Reading {
  source: Source;
  /** The objects that can be named; those with errors of their own are here too, see `problems`. */
  manifests: Manifest[];
  /** In the order of the text. */
  problems: Problem[];
}

/** Reads a text of one or more YAML or JSON documents. Never throws. */
export function readManifests(content: string): Reading {
  const source = parseSource(content);
  const reading: Reading = { source, manifests: [], problems: [...source.problems] };
  for (const document of source.documents) readDocument(reading, document);
  if (reading.manifests.length === 0 && reading.problems.length === 0) {
    reading.problems.push({
      severity: 'error',
      message: text('yaml.problem.empty'),
      document: 0,
      range: { from: 0, to: 0, line: 1, column: 1 },
    });
  }
  reading.problems.push(...duplicateManifests(reading));
  reading.problems.sort((a, b) => a.range.from - b.range.from);
  return reading;
}

function readDocument(reading: Reading, document: SourceDocument): void {
  const { value } = document;
  // A document of nothing but comments, or the space between two `---`.
  if (value === undefined || value === null) return;
  if (isMapping(value) && isList(value)) {
    value.items.forEach((item, index) => {
      readObject(reading, document, ['items', index], item);
    });
    if (value.items.length === 0) complain(reading, document, ['items'], text('yaml.problem.emptyList'));
    return;
  }
  readObject(reading, document, [], value);
}

function readObject(reading: Reading, document: SourceDocument, base: Path, value: unknown): void {
  if (!isMapping(value)) {
    complain(reading, document, base, notAMapping(value, reading.source.text));
    return;
  }
  const metadata = isMapping(value.metadata) ? value.metadata : {};
  const manifest: Manifest = {
    index: reading.manifests.length,
    document,
    base,
    object: value,
    apiVersion: word(value.apiVersion),
    kind: word(value.kind),
    name: word(metadata.name),
    generateName: word(metadata.generateName),
    namespace: word(metadata.namespace) || undefined,
  };
  const found = [...checkManifest(manifest), ...checkQuantities(manifest)];
  for (const { severity, message, path } of found)
    complain(reading, document, [...base, ...path], message, severity);
  const canBeNamed = manifest.apiVersion && manifest.kind && (manifest.name || manifest.generateName);
  if (canBeNamed) reading.manifests.push(manifest);
}

function complain(
  reading: Reading,
  document: SourceDocument,
  path: Path,
  message: Text,
  severity: Severity = 'error',
): void {
  const range = locate(reading.source, document, path);
  reading.problems.push({ severity, message, document: document.index, range });
}

/** The place of one of a manifest's fields in the text. */
export function placeIn(reading: Pick<Reading, 'source'>, manifest: Manifest, path: Path): Range {
  return locate(reading.source, manifest.document, [...manifest.base, ...path]);
}

function notAMapping(value: unknown, content: string): Text {
  if (Array.isArray(value)) return text('yaml.problem.listNotMapping');
  if (typeof value === 'string' && /^\s*<(!doctype|html|\?xml)/i.test(value))
    return text('yaml.problem.webPage');
  if (typeof value === 'string' && /^[\w.-]+:\S/m.test(content)) return text('yaml.problem.missingSpace');
  return text('yaml.problem.notAMapping');
}

function duplicateManifests({ source, manifests }: Reading): Problem[] {
  const first = new Map<string, Manifest>();
  const found: Problem[] = [];
  for (const manifest of manifests) {
    if (!manifest.name) continue;
    const key = [groupOf(manifest.apiVersion), manifest.kind, manifest.namespace ?? '', manifest.name].join(
      '\n',
    );
    const earlier = first.get(key);
    if (!earlier) {
      first.set(key, manifest);
      continue;
    }
    found.push({
      severity: 'error',
      message: text('yaml.problem.duplicateDocument', {
        kind: manifest.kind,
        name: manifest.name,
        line: placeIn({ source }, earlier, ['metadata', 'name']).line,
      }),
      document: manifest.document.index,
      range: placeIn({ source }, manifest, ['metadata', 'name']),
    });
  }
  return found;
}

/** `kind: List`, and the `VirtualMachineList` that `kubectl get --raw` prints. */
function isList(value: Record<string, unknown>): value is Record<string, unknown> & { items: unknown[] } {
  return typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items);
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
