import { isDeepStrictEqual } from 'node:util';
import type { NewObject } from '../objects';
import { at } from '../print-values';
import type { Cluster } from '../store';
import { DEFINITIONS, type Definition } from './definition';

const DEPLOYMENTS = 'deployments.apps';
const VIRT_OPERATOR = 'kubevirt/virt-operator';
const NETWORK_ADDONS = 'cluster-network-addons/cluster-network-addons-operator';
const HYPERCONVERGED = 'kubevirt-hyperconverged/hco-operator';
const ADD_ONS = new Set([NETWORK_ADDONS, HYPERCONVERGED]);

/** The Deployment whose operator installs the definitions of a group, as `namespace/name`. */
function operatorOf(group: string): string | undefined {
  if (group === 'cdi.kubevirt.io' || group.endsWith('.cdi.kubevirt.io')) return 'cdi/cdi-operator';
  if (group === 'k8s.cni.cncf.io' || group.startsWith('networkaddonsoperator.')) return NETWORK_ADDONS;
  if (group === 'hco.kubevirt.io') return HYPERCONVERGED;
  return group === 'kubevirt.io' || group.endsWith('.kubevirt.io') ? VIRT_OPERATOR : undefined;
}

/**
 * What the operators do about the definitions that they installed: they put back what somebody deletes or changes,
 * unless their Deployment is scaled to nothing.
 */
export class Operators {
  private readonly stops: (() => void)[] = [];
  /** The generation of each definition that was last found right. */
  private readonly checked = new Map<string, number>();

  /** `definitions` makes each definition by its name. What is missing is installed at once. */
  constructor(
    private readonly cluster: Cluster,
    private readonly definitions: ReadonlyMap<string, () => NewObject>,
  ) {
    for (const name of definitions.keys()) {
      this.install(name);
      if (!cluster.get(DEFINITIONS, undefined, name)) cluster.registry.withdraw(name);
    }
    this.stops.push(
      cluster.watch<Definition>(DEFINITIONS, ({ type, object }) => {
        if (type === 'DELETED') this.install(object.metadata.name);
        else this.restore(object.metadata.name);
      }),
      cluster.subscribe(({ resource, object, previous }) => {
        if (resource !== DEPLOYMENTS) return;
        if (at(previous, 'spec', 'replicas') !== at(object, 'spec', 'replicas')) this.reconcile();
      }),
    );
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private reconcile(): void {
    for (const name of this.definitions.keys()) {
      this.install(name);
      this.restore(name);
    }
  }

  private install(name: string): void {
    const make = this.definitions.get(name);
    if (!make || this.cluster.get(DEFINITIONS, undefined, name) || !this.isRunning(name)) return;
    this.checked.set(name, 1);
    this.cluster.create(DEFINITIONS, make());
  }

  private restore(name: string): void {
    const make = this.definitions.get(name);
    const found = this.cluster.get<Definition>(DEFINITIONS, undefined, name);
    const { generation = 0, deletionTimestamp } = found?.metadata ?? {};
    if (!make || !found || deletionTimestamp || this.checked.get(name) === generation) return;
    if (!this.isRunning(name)) return;
    this.checked.set(name, generation);
    const right = make().spec as Definition['spec'];
    if (isDeepStrictEqual(found.spec, right)) return;
    this.cluster.update<Definition>(DEFINITIONS, undefined, name, (draft) => {
      draft.spec = right;
    });
  }

  private isRunning(name: string): boolean {
    const operator = operatorOf(name.slice(name.indexOf('.') + 1));
    const deployment = operator && this.deployment(operator);
    if (deployment) return at(deployment, 'spec', 'replicas') !== 0;
    // Where KubeVirt was installed and an add-on was not, its definitions were not either.
    return !(operator && ADD_ONS.has(operator) && this.deployment(VIRT_OPERATOR));
  }

  private deployment(place: string): unknown {
    const [namespace = '', name = ''] = place.split('/');
    return this.cluster.get(DEPLOYMENTS, namespace, name);
  }
}
