import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { jwtVerify } from 'jose';
import { badRequest } from '../errors';
import { timestamp } from '../metadata';
import type { ClusterApi, KubeObject } from '../objects';
import { isRecord } from '../patch';
import { at, text } from '../print-values';

export const UPLOAD_GROUP = 'upload.cdi.kubevirt.io';
const ISSUER = 'cdi-apiserver';
const LIFE_SECONDS = 300;
/** By how much the clocks of who signs and who checks may differ. */
const LEEWAY_SECONDS = 10;
const KEY = { namespace: 'cdi', name: 'cdi-api-signing-key' };
const MODULUS_BITS = 2048;

interface KeySecret extends KubeObject {
  data?: { id_rsa?: string };
}

/**
 * The answer to POST …/uploadtokenrequests: the request with a token for one claim in its status, good for five
 * minutes. Nothing is looked up and nothing is stored, as in cdi-apiserver.
 * @throws ApiError 400
 */
export function answerUploadTokenRequest(
  sent: unknown,
  namespace: string,
  cluster: ClusterApi & { now(): Date },
): object {
  if (!isRecord(sent) || (sent.kind !== undefined && sent.kind !== 'UploadTokenRequest')) {
    throw badRequest('the object provided is unrecognized (must be of type UploadTokenRequest)');
  }
  const pvcName = text(at(sent, 'spec', 'pvcName'), '');
  const metadata = isRecord(sent.metadata) ? sent.metadata : {};
  const now = cluster.now();
  return {
    kind: 'UploadTokenRequest',
    apiVersion: `${UPLOAD_GROUP}/v1beta1`,
    metadata: { ...metadata, namespace, creationTimestamp: timestamp(now) },
    spec: { pvcName },
    status: { token: uploadToken(namespace, pvcName, now, signingKey(cluster)) },
  };
}

/** A JSON Web Token for the upload proxy, signed with PS256. */
function uploadToken(namespace: string, name: string, now: Date, key: KeyObject): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = {
    operation: 'Upload',
    name,
    namespace,
    resource: { group: '', version: 'v1', resource: 'persistentvolumeclaims' },
    iss: ISSUER,
    iat: seconds,
    nbf: seconds,
    exp: seconds + LIFE_SECONDS,
  };
  const content = `${encode({ alg: 'PS256' })}.${encode(claims)}`;
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return `${content}.${sign('sha256', Buffer.from(content), { key, ...padding }).toString('base64url')}`;
}

export interface UploadClaims {
  operation: string;
  namespace: string;
  /** The claim that may be filled. */
  name: string;
  /** Plural of its kind. */
  resource: string;
}

/** What a token for the upload proxy allows; undefined for one that is not CDI's, was changed, or is too old. */
export async function verifyUploadToken(
  token: string,
  cluster: ClusterApi,
  now: Date,
): Promise<UploadClaims | undefined> {
  try {
    const { payload } = await jwtVerify(token, createPublicKey(signingKey(cluster)), {
      issuer: ISSUER,
      algorithms: ['PS256'],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: now,
      requiredClaims: ['exp'],
    });
    const { operation, namespace, name } = payload;
    return {
      operation: text(operation, ''),
      namespace: text(namespace, ''),
      name: text(name, ''),
      resource: text(at(payload, 'resource', 'resource'), ''),
    };
  } catch {
    return undefined;
  }
}

/** CDI's key pair, made on first use and kept where cdi-apiserver keeps it: in a secret beside it. */
function signingKey(cluster: ClusterApi): KeyObject {
  const kept = cluster.get<KeySecret>('secrets', KEY.namespace, KEY.name)?.data?.id_rsa;
  if (kept) return createPrivateKey(Buffer.from(kept, 'base64').toString('utf8'));
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS });
  const encode = (pem: string | Buffer) => Buffer.from(pem).toString('base64');
  if (cluster.get('namespaces', undefined, KEY.namespace)) {
    cluster.create('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...KEY, labels: { 'cdi.kubevirt.io': '' } },
      type: 'Opaque',
      data: {
        id_rsa: encode(privateKey.export({ type: 'pkcs1', format: 'pem' })),
        'id_rsa.pub': encode(publicKey.export({ type: 'spki', format: 'pem' })),
      },
    });
  }
  return privateKey;
}
