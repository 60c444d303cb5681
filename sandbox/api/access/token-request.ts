import { randomUUID } from 'node:crypto';
import { invalidValue } from '../admission/field-error';
import { badRequest, conflict, invalid, notFound, type StatusCause } from '../errors';
import { timestamp } from '../metadata';
import type { ClusterApi, KubeObject } from '../objects';
import { isRecord } from '../patch';
import { at, list, text } from '../print-values';
import { type BoundObject, ISSUER, type ServiceAccountTokens } from './service-account-tokens';

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const BINDABLE = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;
const GROUP = 'authentication.k8s.io';

/**
 * The answer to POST …/serviceaccounts/NAME/token: the request with a token in its status.
 * @throws ApiError 400, 404, 409, 422 as pkg/registry/core/serviceaccount/storage/token.go refuses.
 */
export function answerTokenRequest(
  sent: unknown,
  account: KubeObject,
  cluster: ClusterApi & { now(): Date },
  tokens: ServiceAccountTokens,
): object {
  if (!isRecord(sent) || (sent.kind !== undefined && sent.kind !== 'TokenRequest')) {
    throw badRequest('the object provided is unrecognized (must be of type TokenRequest)');
  }
  const { name, namespace = '' } = account.metadata;
  mustMatch('name', at(sent, 'metadata', 'name'), name, name);
  mustMatch('namespace', at(sent, 'metadata', 'namespace'), namespace, name);
  const seconds = at(sent, 'spec', 'expirationSeconds') ?? DEFAULT_SECONDS;
  const causes = durationCauses(seconds);
  if (causes.length > 0) throw invalid('TokenRequest', GROUP, '', causes);
  const wanted = list(at(sent, 'spec', 'audiences')).map(String);
  const audiences = wanted.length > 0 ? wanted : [ISSUER];
  const reference = at(sent, 'spec', 'boundObjectRef');
  const bound = isRecord(reference) ? boundObjects(reference, account, cluster) : [];
  const now = timestamp(cluster.now());
  const { token, expires } = tokens.issue(account, audiences, Number(seconds), bound);
  return {
    kind: 'TokenRequest',
    apiVersion: `${GROUP}/v1`,
    metadata: { name, namespace, uid: randomUUID(), creationTimestamp: now },
    spec: {
      audiences,
      expirationSeconds: Number(seconds),
      boundObjectRef: isRecord(reference) ? reference : null,
    },
    status: { token, expirationTimestamp: timestamp(expires) },
  };
}

function mustMatch(field: 'name' | 'namespace', sent: unknown, wanted: string, name: string): void {
  if (!sent || sent === wanted) return;
  const why = `must match the service account ${field} if specified`;
  throw invalid('TokenRequest', GROUP, name, [invalidValue(`metadata.${field}`, sent, why)]);
}

function durationCauses(seconds: unknown): StatusCause[] {
  const refuse = (why: string) => [invalidValue('spec.expirationSeconds', seconds, why)];
  if (!(Number(seconds) >= MIN_SECONDS)) return refuse('may not specify a duration less than 10 minutes');
  return Number(seconds) > MAX_SECONDS ? refuse('may not specify a duration larger than 2^32 seconds') : [];
}

/** The object that the token is bound to, and a pod's node with it. */
function boundObjects(
  reference: Record<string, unknown>,
  account: KubeObject,
  cluster: ClusterApi,
): BoundObject[] {
  const kind = text(reference.kind, '');
  const apiVersion = text(reference.apiVersion, '');
  if (apiVersion !== 'v1' || !isBindable(kind)) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const plural = BINDABLE[kind];
  const name = text(reference.name, '');
  const object = cluster.get(plural, kind === 'Node' ? undefined : account.metadata.namespace, name);
  if (!object) throw notFound({ plural, group: '' }, name);
  const { uid } = object.metadata;
  if (kind === 'Pod' && text(at(object, 'spec', 'serviceAccountName'), 'default') !== account.metadata.name) {
    const quoted = JSON.stringify(account.metadata.name);
    throw badRequest(
      `cannot bind token for serviceaccount ${quoted} to pod running with different serviceaccount name.`,
    );
  }
  if (reference.uid && reference.uid !== uid) {
    const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ plural: kind, group: '' }, name, why);
  }
  const bound: BoundObject[] = [{ kind, name, uid }];
  const node = kind === 'Pod' && cluster.get('nodes', undefined, text(at(object, 'spec', 'nodeName'), ''));
  return node ? [...bound, { kind: 'Node', name: node.metadata.name, uid: node.metadata.uid }] : bound;
}

function isBindable(kind: string): kind is keyof typeof BINDABLE {
  return kind in BINDABLE;
}
