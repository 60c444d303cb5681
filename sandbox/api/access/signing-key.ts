import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The key pair that signs service account tokens, with the name that tokens call it by. */
export interface SigningKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
  kid: string;
}

const FILE = 'sa.key';
const MODULUS_BITS = 2048;

/** Made once and kept in `directory` (as kubeadm's sa.key), so that tokens outlive a restart. */
export function loadSigningKey(directory: string | undefined): SigningKey {
  const file = directory === undefined ? undefined : path.join(directory, FILE);
  const privateKey =
    file && existsSync(file)
      ? createPrivateKey(readFileSync(file, 'utf8'))
      : generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS }).privateKey;
  if (file && !existsSync(file)) {
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  const publicKey = createPublicKey(privateKey);
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { privateKey, publicKey, kid };
}

/** The JSON Web Key Set of `/openid/v1/jwks`. */
export function jsonWebKeySet({ publicKey, kid }: SigningKey): object {
  const { n, e } = publicKey.export({ format: 'jwk' });
  return { keys: [{ use: 'sig', kty: 'RSA', kid, alg: 'RS256', n, e }] };
}
