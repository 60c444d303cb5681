import type { Change } from '../history';
import { type ResourceType, servedVersions } from '../resource-type';
import type { Schema } from '../schema/schema-type';
import { storedType, typesOfDefinition } from './custom-type';
import { DEFINITIONS, type Definition, hasCondition } from './definition';

/** What a definition does to the tables of the store. */
export interface TableChange {
  add?: ResourceType;
  drop?: string;
}

const API_SERVICES = 'apiservices.apiregistration.k8s.io';

interface Defined {
  /** One for each served version. */
  types: ResourceType[];
  definition: Definition;
}

/**
 * Everything that the API serves at the moment: the built-in resources, and what CustomResourceDefinitions define. It
 * follows the definitions in the store; whoever asks gets the present answer.
 */
export class Registry {
  private readonly defined = new Map<string, Defined>();
  /** Seeded resources whose definition was deleted, or whose APIService is not there. */
  private readonly withdrawn = new Set<string>();
  private readonly terminating = new Set<string>();
  private listed: readonly ResourceType[] | undefined;
  private readonly byPlace = new Map<string, ResourceType | null>();
  /** Grows with every change of what is served. */
  generation = 0;

  /** `seeded` are the resources of the first moment, those of well-known definitions among them. */
  constructor(readonly seeded: readonly ResourceType[]) {
    for (const { id, aggregatedBy } of seeded) if (aggregatedBy) this.withdrawn.add(id);
  }

  /** Every resource once, in its preferred version. */
  list(): readonly ResourceType[] {
    this.listed ??= [
      ...this.seeded.filter(({ id }) => !this.withdrawn.has(id)),
      ...[...this.defined.values()].flatMap(({ types }) => types.slice(0, 1)),
    ];
    return this.listed;
  }

  /** The resource as one of its versions serves it. */
  find(group: string, version: string, plural: string): ResourceType | undefined {
    const place = `${group}/${version}/${plural}`;
    let found = this.byPlace.get(place);
    if (found === undefined) {
      found = this.look(group, version, plural) ?? null;
      this.byPlace.set(place, found);
    }
    return found ?? undefined;
  }

  /** Whether some version of the kind is part of this API. */
  serves(group: string, kind: string): boolean {
    return this.list().some((type) => type.group === group && type.kind === kind);
  }

  /** The schema that a definition from outside gives to one version of its resource. */
  customSchema(id: string, version: string): Schema | undefined {
    const { definition } = this.defined.get(id) ?? {};
    return definition?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  }

  /** Whether a definition is on its way out and takes no new objects. */
  isTerminating(id: string): boolean {
    return this.terminating.has(id);
  }

  /** Whether a definition, well-known or not, stands behind a resource. */
  isCustom(id: string): boolean {
    return this.list().some((type) => type.id === id && type.custom);
  }

  isSeeded(id: string): boolean {
    return this.seeded.some((type) => type.id === id);
  }

  /** Takes note of a committed change, and says what becomes of the store's tables. */
  follow({ type, resource, object }: Change): TableChange {
    if (resource === API_SERVICES) this.followService(object.metadata.name, type !== 'DELETED');
    if (resource !== DEFINITIONS) return {};
    const { name } = object.metadata;
    const gone = type === 'DELETED';
    // What is stored has passed validation.
    const definition = object as Definition;
    if (!gone && object.metadata.deletionTimestamp) this.terminating.add(name);
    else this.terminating.delete(name);
    this.forget();
    if (this.isSeeded(name)) {
      if (gone) this.withdrawn.add(name);
      else this.withdrawn.delete(name);
      return {};
    }
    if (gone) {
      this.defined.delete(name);
      return { drop: name };
    }
    if (!hasCondition(definition, 'Established')) return {};
    this.defined.set(name, { definition, types: typesOfDefinition(definition) });
    return { add: storedType(definition) };
  }

  private followService(service: string, exists: boolean): void {
    const changed = this.seeded.filter(
      ({ id, aggregatedBy }) => aggregatedBy === service && exists === this.withdrawn.has(id),
    );
    for (const { id } of changed) {
      if (exists) this.withdrawn.delete(id);
      else this.withdrawn.add(id);
    }
    if (changed.length > 0) this.forget();
  }

  /** Stops serving a well-known resource whose definition is not there. */
  withdraw(id: string): void {
    this.withdrawn.add(id);
    this.forget();
  }

  private look(group: string, version: string, plural: string): ResourceType | undefined {
    const defined = this.defined.get(`${plural}.${group}`);
    if (defined) return defined.types[defined.types[0]?.servedVersions?.indexOf(version) ?? -1];
    return this.list().find(
      (type) => type.plural === plural && type.group === group && servedVersions(type).includes(version),
    );
  }

  private forget(): void {
    this.generation += 1;
    this.listed = undefined;
    this.byPlace.clear();
  }
}
