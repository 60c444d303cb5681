import type { JsonPath } from '@/lib/k8s/json';
import { type ServedKind, servedKinds } from '@/lib/k8s/kinds';
import { apiVersionOf } from '@/lib/k8s/resource';
import { type Candidate, complete, valueText } from '@/lib/manifest/schema/complete';
import { isListItem, objectTypesAround, schemaAt } from '@/lib/manifest/schema/document-schema';
import { fieldAt, type HoveredField } from '@/lib/manifest/schema/documentation';
import { nodeAt, type Place, wordsAt } from '@/lib/manifest/schema/outline';
import { type Outline, outlineAt } from '@/lib/manifest/schema/read-outline';
import { type SchemaStore, schemaStoreOf } from '@/lib/manifest/schema/schema-store';
import { objectNames } from './object-names';
import { kindsFor, namesFor } from './references';
import { fittingSnippets } from './snippets';
import type { Suggestion } from './suggestion';

/** Versions that only machines write, and requests that are no objects. */
const WRITABLE = 'create';

/** What an editor knows about the text in it: the cluster's schemas, kinds and objects. */
export class EditorHelp {
  readonly store: SchemaStore;

  constructor(
    readonly cluster: string,
    /** Where objects go that name no namespace. */
    readonly namespace: string | undefined,
  ) {
    this.store = schemaStoreOf(cluster);
  }

  /** What may be written at the cursor; undefined where nothing is known. */
  async suggest(
    text: string,
    cursor: number,
  ): Promise<{ place: Place; suggestions: Suggestion[] } | undefined> {
    const outline = outlineAt(text, cursor);
    const place = outline?.place;
    if (!outline || !place) return undefined;
    await this.#load(outline, place.path);
    const [kinds, names] = await Promise.all([this.#kinds(outline, place), this.#names(outline, place)]);
    const fields = complete(outline, place, this.store.known).map(fromCandidate);
    const roots = fields.length === 0 && place.path.length === 0 ? rootKeys(outline, place) : [];
    const suggestions = [...kinds, ...roots, ...fields, ...names, ...fittingSnippets(outline, place)];
    return { place, suggestions: distinct(suggestions) };
  }

  /** The field at an offset. */
  async describe(text: string, offset: number): Promise<HoveredField | undefined> {
    const outline = outlineAt(text, offset);
    if (!outline?.place) return undefined;
    await this.#load(outline, outline.place.path);
    return fieldAt(outline, this.store.known);
  }

  async #load(outline: Outline, path: JsonPath): Promise<void> {
    const versions = new Set(objectTypesAround(outline.root, path).map(({ apiVersion }) => apiVersion));
    await Promise.all([...versions].map((apiVersion) => this.store.load(apiVersion)));
  }

  /** Kinds and API versions, at the root of an object; both at once where it has neither. */
  async #kinds(outline: Outline, place: Place): Promise<Suggestion[]> {
    const { root } = outline;
    const base = place.kind === 'value' ? place.path.slice(0, -1) : place.path;
    const isItem = isListItem(root, base);
    const field = place.path.at(-1);
    const isType = place.kind === 'value' && (field === 'apiVersion' || field === 'kind');
    const around = base.length > 0 ? schemaAt(root, base, this.store.known) : undefined;
    const isEmbedded = around?.schemas.shape(around.schema).isEmbedded ?? false;
    if (base.length > 0 && !isItem && !isEmbedded) return [];
    const apiVersion = wordsAt(root, [...base, 'apiVersion']);
    const kind = wordsAt(root, [...base, 'kind']);
    if (!isType && (place.kind === 'value' || apiVersion || kind || place.isFlow || hasKeys(outline, base)))
      return [];
    const all = await this.#served();
    if (!isType) return all.map((each) => objectStart(each, place));
    if (field === 'apiVersion') {
      const fitting = all.filter((each) => !kind || each.kind === kind);
      const versions = [...new Set((fitting.length > 0 ? fitting : all).map(apiVersionOf))];
      return versions.map((version) => typeValue(version, place, outline));
    }
    const fitting = all.filter((each) => !apiVersion || apiVersionOf(each) === apiVersion);
    return fitting.map((each) => ({ ...typeValue(each.kind, place, outline), detail: apiVersionOf(each) }));
  }

  async #served(): Promise<ServedKind[]> {
    try {
      const kinds = await servedKinds(this.cluster);
      return kinds.filter(({ verbs }) => verbs.includes(WRITABLE) && verbs.includes('get'));
    } catch {
      // A cluster that does not say what it serves leaves the kind to be typed.
      return [];
    }
  }

  /** Objects that the field names. */
  async #names(outline: Outline, place: Place): Promise<Suggestion[]> {
    if (place.kind === 'key') return [];
    const kinds = kindsFor(place.path);
    if (kinds.length > 0) return kinds.map((kind) => nameOf(kind, place, outline));
    const names = namesFor(outline.root, place.path, this.namespace);
    if (!names) return [];
    if (names.from === 'document') return names.names.map((name) => nameOf(name, place, outline));
    const found = await objectNames(this.cluster, names.resource, names.namespace);
    return (found?.names ?? []).map((name) => ({
      ...nameOf(name, place, outline),
      detail: names.resource.kind,
    }));
  }
}

function fromCandidate(candidate: Candidate): Suggestion {
  const { isRequired, isDeprecated, ...rest } = candidate;
  return {
    ...rest,
    isDeprecated,
    rank: isRequired ? 20 : isDeprecated ? -40 : candidate.kind === 'item' ? 10 : 0,
  };
}

function nameOf(name: string, place: Place, outline: Outline): Suggestion {
  return {
    kind: 'name',
    label: name,
    insert: valueText(name, place, outline),
    from: place.from,
    to: place.to,
    goesOn: false,
    rank: 5,
    isDeprecated: false,
    field: undefined,
  };
}

function typeValue(word: string, place: Place, outline: Outline): Suggestion {
  return { ...nameOf(word, place, outline), kind: 'object', rank: word.includes('kubevirt') ? 5 : 0 };
}

/** An object from its first key to its name. */
function objectStart(served: ServedKind, place: Place): Suggestion {
  const lead = ' '.repeat(place.column);
  const lines = [`apiVersion: ${apiVersionOf(served)}`, `kind: ${served.kind}`, 'metadata:', '  name: '];
  return {
    kind: 'object',
    label: served.kind,
    detail: apiVersionOf(served),
    insert: lines.join(`\n${lead}`),
    from: place.from,
    to: place.to,
    goesOn: false,
    rank:
      (served.kind === 'VirtualMachine' ? 15 : served.group.endsWith('kubevirt.io') ? 5 : 0) -
      (served.isPreferred ? 0 : 30),
    isDeprecated: false,
    field: undefined,
  };
}

/** The keys that every object has, while its kind is not known. */
function rootKeys(outline: Outline, place: Place): Suggestion[] {
  const present = outline.root?.kind === 'map' ? outline.root.entries : [];
  return ['apiVersion', 'kind', 'metadata', 'spec']
    .filter((key) => !present.some((entry) => entry.key === key && entry.from !== place.from))
    .map((key, index) => ({
      kind: 'key' as const,
      label: key,
      insert: place.hasColon ? key : key === 'metadata' || key === 'spec' ? `${key}:\n  ` : `${key}: `,
      from: place.from,
      to: place.to,
      goesOn: !place.hasColon,
      rank: 40 - index,
      isDeprecated: false,
      field: undefined,
    }));
}

/** Keys other than the one that is being typed. */
function hasKeys(outline: Outline, base: JsonPath): boolean {
  const node = nodeAt(outline.root, base);
  return node?.kind === 'map' && node.entries.some(({ from }) => from !== outline.place?.from);
}

function distinct(suggestions: readonly Suggestion[]): Suggestion[] {
  return [...new Map(suggestions.map((each) => [`${each.label} ${each.insert}`, each])).values()];
}
