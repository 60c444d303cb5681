import type { KubeObject, ResourceName } from '../api/objects';
import { timestamp } from '../controllers/time';
import type { Random } from './random';

/**
 * Puts a complete object into the store and returns it as it is there. Objects of one shape are much alike: they share
 * what they have in common.
 */
export type Load = <T extends KubeObject>(resource: ResourceName, object: T, shape: string) => T;

interface Identity {
  name: string;
  namespace?: string;
  bornMs: number;
  generation?: number;
}

/** The metadata that the server gives, in the order in which it writes it. */
export function identity(random: Random, { name, namespace, bornMs, generation }: Identity) {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: random.uuid(),
    resourceVersion: '',
    ...(generation === undefined ? {} : { generation }),
    creationTimestamp: timestamp(bornMs),
  };
}
