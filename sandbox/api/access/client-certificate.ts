import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../authentication';

const known = new WeakMap<object, { certificate: ClientCertificate | undefined }>();

/**
 * Who the client of a TLS connection says it is by certificate: the common name is the user, the organisations are the
 * groups (as kube-apiserver's x509 authenticator reads them). Undefined for a client without one. The certificate is
 * asked for and never insisted on, so a bad one is told from none.
 */
export function clientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const remembered = known.get(socket);
  if (remembered) return remembered.certificate;
  const certificate = readCertificate(socket);
  known.set(socket, { certificate });
  return certificate;
}

function readCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  if (!subject) return undefined;
  // Node types both as text; a name that stands in the subject several times is a list.
  const { CN, O } = subject as { CN?: string | string[]; O?: string | string[] };
  const [username] = [CN ?? []].flat();
  if (!socket.authorized || !username) return 'refused';
  const hash = fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    user: {
      username,
      groups: [O ?? []].flat(),
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hash}`] },
    },
  };
}
