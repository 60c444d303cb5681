import { isDeepStrictEqual } from 'node:util';
import { apiServices } from '../definitions';
import { timestamp } from '../metadata';
import type { Cluster } from '../store';
import { CLEANUP_FINALIZER, DEFINITIONS, type Definition, type DefinitionCondition } from './definition';
import { naming } from './naming';

const API_SERVICES = 'apiservices.apiregistration.k8s.io';
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/**
 * What kube-apiserver's own controllers do about definitions: accept names, establish, keep an APIService for each
 * served version, and clean up after a definition that is deleted.
 */
export class DefinitionController {
  private readonly stops: (() => void)[] = [];
  private readonly terminating = new Set<string>();
  private started = false;

  constructor(private readonly cluster: Cluster) {
    this.stops.push(
      cluster.watch<Definition>(DEFINITIONS, ({ type, object }) => {
        if (type === 'DELETED') this.gone(object);
        else this.sync(object.metadata.name);
      }),
      cluster.subscribe(({ type, resource }) => {
        if (type === 'DELETED' && this.terminating.has(resource)) this.cleanUp(resource);
      }),
    );
    this.started = true;
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private sync(name: string): void {
    const definition = this.cluster.get<Definition>(DEFINITIONS, undefined, name);
    if (!definition) return;
    if (definition.metadata.deletionTimestamp) {
      this.terminating.add(name);
      this.cleanUp(name);
      return;
    }
    const status = this.concluded(definition);
    // Definitions are large: most have nothing to be written.
    if (!isDeepStrictEqual(status, definition.status)) {
      this.cluster.update<Definition>(DEFINITIONS, undefined, name, (draft) => {
        draft.status = status;
      });
    }
    if (this.started) this.serve(definition);
  }

  private concluded(definition: Definition): Definition['status'] {
    const { spec, status, metadata } = definition;
    const others = this.inGroup(definition).filter((other) => other.metadata.name !== metadata.name);
    const { acceptedNames, conditions } = naming(definition, others);
    const storage = spec.versions.find((version) => version.storage)?.name;
    const stored = status?.storedVersions ?? [];
    return {
      ...status,
      conditions: withTimes(status?.conditions ?? [], conditions, timestamp(this.cluster.now())),
      acceptedNames,
      storedVersions: storage && !stored.includes(storage) ? [...stored, storage] : stored,
    };
  }

  private gone(definition: Definition): void {
    const { name } = definition.metadata;
    this.terminating.delete(name);
    this.serve(definition);
    // Somebody may have waited for its names.
    for (const other of this.inGroup(definition)) this.sync(other.metadata.name);
  }

  private inGroup({ spec }: Definition): Definition[] {
    return this.cluster.list<Definition>(DEFINITIONS).filter((other) => other.spec.group === spec.group);
  }

  /** Deletes the objects of a definition; when the last one has gone, the definition may go, too. */
  private cleanUp(name: string): void {
    const { cluster } = this;
    const definition = cluster.get<Definition>(DEFINITIONS, undefined, name);
    if (!definition?.metadata.finalizers?.includes(CLEANUP_FINALIZER)) return;
    const objects = cluster.state.has(name) ? cluster.list(name) : [];
    if (objects.length === 0) {
      this.conclude(name, 'False', 'InstanceDeletionCompleted', 'removed all instances', true);
      return;
    }
    this.conclude(
      name,
      'True',
      'InstanceDeletionInProgress',
      'CustomResource deletion is in progress',
      false,
    );
    for (const { metadata } of objects) {
      if (!metadata.deletionTimestamp) cluster.delete(name, metadata.namespace, metadata.name);
    }
  }

  private conclude(
    name: string,
    status: 'True' | 'False',
    reason: string,
    message: string,
    done: boolean,
  ): void {
    const now = timestamp(this.cluster.now());
    this.cluster.update<Definition>(DEFINITIONS, undefined, name, (draft) => {
      const condition: DefinitionCondition = { type: 'Terminating', status, reason, message };
      const conditions = withTimes(draft.status?.conditions ?? [], [condition], now);
      draft.status = { ...draft.status, conditions };
      if (done) {
        draft.metadata.finalizers = draft.metadata.finalizers?.filter((one) => one !== CLEANUP_FINALIZER);
      }
    });
  }

  /** An APIService for each version of the group that is served, and none for the others. */
  private serve({ spec }: Definition): void {
    const { cluster } = this;
    const types = cluster.registry.list().filter(({ group }) => group === spec.group);
    const wanted = apiServices(types, timestamp(cluster.now()));
    for (const service of wanted) {
      const { name = '' } = service.metadata;
      if (!cluster.get(API_SERVICES, undefined, name)) cluster.create(API_SERVICES, service);
    }
    for (const { metadata, spec: service } of cluster.list(API_SERVICES)) {
      const isOurs = (service as { group?: string }).group === spec.group && metadata.labels?.[AUTOMANAGED];
      if (isOurs && !wanted.some((one) => one.metadata.name === metadata.name)) {
        cluster.delete(API_SERVICES, undefined, metadata.name);
      }
    }
  }
}

/** Conditions with `news` among them; one whose status stays keeps the time of its last change. */
function withTimes(
  before: DefinitionCondition[],
  news: DefinitionCondition[],
  now: string,
): DefinitionCondition[] {
  const merged = [...before];
  for (const { lastTransitionTime: _time, ...condition } of news) {
    const index = merged.findIndex(({ type }) => type === condition.type);
    const known = merged[index];
    const time = known?.status === condition.status ? known.lastTransitionTime : undefined;
    const next: DefinitionCondition = {
      type: condition.type,
      status: condition.status,
      lastTransitionTime: time ?? now,
      ...(condition.reason === undefined ? {} : { reason: condition.reason }),
      ...(condition.message === undefined ? {} : { message: condition.message }),
    };
    if (index < 0) merged.push(next);
    else merged[index] = next;
  }
  return merged;
}
