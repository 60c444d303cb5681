import { type SchemasOf, schemaAt } from './document-schema';
import { documentationOf, type FieldDocumentation } from './documentation';
import type { OpenApiSchema, Schemas, Shape } from './openapi';
import { nodeAt, type Place } from './outline';
import type { Outline } from './read-outline';
import { writeWord } from './words';

/** Something that may be written at a place. */
export interface Candidate {
  kind: 'key' | 'value' | 'item';
  label: string;
  /** Stands for what is between `from` and `to`. */
  insert: string;
  from: number;
  to: number;
  /** More is to be chosen right behind it. */
  goesOn: boolean;
  isRequired: boolean;
  isDeprecated: boolean;
  field: FieldDocumentation | undefined;
}

/** What the schema has for a place, required fields first; keys that are there already are left out. */
export function complete(outline: Outline, place: Place, schemasOf: SchemasOf): Candidate[] {
  const found = schemaAt(outline.root, place.path, schemasOf);
  if (!found) return [];
  const { schemas, schema } = found;
  const shape = schemas.shape(schema);
  const at = new Completion(outline, place, schemas);
  const listed = place.list && schemaAt(outline.root, place.list, schemasOf);
  const entries = listed ? at.items(listed.schema, place.column, place.from) : [];
  if (place.kind === 'key') return [...at.keys(schema, place.column), ...entries];
  if (isObject(shape)) {
    return place.kind === 'open' || place.isFlow ? at.keysOf(schema) : at.keysBelow(schema);
  }
  if (shape.items) {
    if (place.isFlow) return [];
    return place.kind === 'open' ? at.items(schema, place.column, place.from) : at.itemsBelow(schema);
  }
  return at.values(schema);
}

class Completion {
  constructor(
    readonly outline: Outline,
    readonly place: Place,
    readonly schemas: Schemas,
  ) {}

  keysOf(schema: OpenApiSchema): Candidate[] {
    // A value that is to be a mapping, in brackets: its braces are not there yet.
    if (this.place.isFlow && this.place.kind === 'value') return [];
    return this.keys(schema, this.place.column);
  }

  keys(schema: OpenApiSchema, column: number, from = this.place.from, lead = ''): Candidate[] {
    const shape = this.schemas.shape(schema);
    const node = lead ? undefined : nodeAt(this.outline.root, this.place.path);
    const present = new Set(
      node?.kind === 'map' ? node.entries.filter((entry) => entry.from !== from).map(({ key }) => key) : [],
    );
    return [...shape.properties.keys()]
      .filter((key) => !present.has(key))
      .map((key) => this.#key(schema, key, column, from, lead))
      .sort(byRank);
  }

  /** Keys on a line of their own, below the key that the cursor stands behind. */
  keysBelow(schema: OpenApiSchema): Candidate[] {
    if (this.place.word !== '') return [];
    const column = this.place.column + 2;
    return this.keys(schema, column, this.#behindColon(), `\n${' '.repeat(column)}`);
  }

  itemsBelow(schema: OpenApiSchema): Candidate[] {
    if (this.place.word !== '') return [];
    const { column } = this.place;
    return this.items(schema, column, this.#behindColon(), `\n${' '.repeat(column)}`);
  }

  /** Entries of a list, each with its dash. */
  items(schema: OpenApiSchema, column: number, from: number, lead = ''): Candidate[] {
    const items = this.schemas.step(schema, 0);
    if (!items || (this.place.quote && !lead)) return [];
    const shape = this.schemas.shape(items);
    const made = isObject(shape)
      ? [...shape.properties.keys()].map((key) => this.#key(items, key, column + 2, from, `${lead}- `))
      : this.values(items).map((each) => ({ ...each, insert: `${lead}- ${each.insert}`, from }));
    return made.map((each) => ({ ...each, label: `- ${each.label}`, kind: 'item' as const })).sort(byRank);
  }

  values(schema: OpenApiSchema): Candidate[] {
    const shape = this.schemas.shape(schema);
    const isYesNo = shape.types?.size === 1 && shape.types.has('boolean');
    const known = shape.values ?? (isYesNo ? [true, false] : []);
    const preset = shape.default;
    const isPlain = typeof preset === 'string' || typeof preset === 'number' || typeof preset === 'boolean';
    const all = isPlain && preset !== '' && !known.includes(preset) ? [...known, preset] : known;
    const last = String(this.place.path.at(-1) ?? '');
    return all
      .filter((value) => value !== null && value !== '')
      .map((value) => ({
        kind: 'value' as const,
        label: String(value),
        insert: valueText(value, this.place, this.outline),
        from: this.place.from,
        to: this.place.to,
        goesOn: false,
        isRequired: false,
        isDeprecated: false,
        field: documentationOf(this.schemas, schema, last, false),
      }));
  }

  #key(schema: OpenApiSchema, key: string, column: number, from: number, lead: string): Candidate {
    const parent = this.schemas.shape(schema);
    const child = this.schemas.step(schema, key) ?? {};
    const shape = this.schemas.shape(child);
    const isRequired = parent.required.includes(key);
    const written = this.place.quote && !lead ? `"${key}"` : writeWord(key);
    const tail = this.place.hasColon && !lead ? '' : keyTail(shape, column, this.place.isFlow);
    return {
      kind: 'key',
      label: key,
      insert: `${lead}${written}${tail}`,
      from,
      to: this.place.to,
      goesOn: tail !== '' && tail !== ': {}',
      isRequired,
      isDeprecated: shape.isDeprecated,
      field: documentationOf(this.schemas, child, key, isRequired),
    };
  }

  /** What follows the key's colon is replaced with it, so that no space stays at the line's end. */
  #behindColon(): number {
    const { text, place } = { text: this.outline.text, place: this.place };
    let at = place.from;
    while (at > 0 && text[at - 1] === ' ') at -= 1;
    return at;
  }
}

/** What stands behind a key so that its value can be written: a space, or a line of its own, with a dash for lists. */
function keyTail(shape: Shape, column: number, isFlow: boolean): string {
  if (isFlow) return ': ';
  if (shape.items || shape.types?.has('array')) return `:\n${' '.repeat(column)}- `;
  if (!isObject(shape)) return ': ';
  // KubeVirt has fields that say all by being there: `rng: {}`.
  return shape.properties.size === 0 && !shape.rest ? ': {}' : `:\n${' '.repeat(column + 2)}`;
}

/** A value as it is to be written, with the space that a colon needs and the quotes that are open. */
export function valueText(value: unknown, place: Place, outline: Pick<Outline, 'text'>): string {
  const word = place.quote
    ? `${place.quote}${String(value)}${place.quote}`
    : typeof value === 'string'
      ? writeWord(value)
      : String(value);
  const isGlued = place.kind === 'value' && outline.text[place.from - 1] === ':';
  return isGlued ? ` ${word}` : word;
}

function isObject(shape: Shape): boolean {
  return shape.properties.size > 0 || (shape.types?.has('object') ?? false);
}

function byRank(a: Candidate, b: Candidate): number {
  const rank = (each: Candidate) => (each.isRequired ? 0 : each.isDeprecated ? 2 : 1);
  return rank(a) - rank(b);
}
