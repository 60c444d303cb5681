import type { ClusterApi, KubeObject } from '../api/objects';
import type { AccessCredential, VirtualMachineInstance } from './types';

export interface Secret extends KubeObject {
  data?: Record<string, string>;
}

/** The public keys that cloud-init volumes hand to a guest at its boot. */
export function cloudInitKeys(cluster: ClusterApi, { metadata, spec }: VirtualMachineInstance): string[] {
  return (spec.accessCredentials ?? []).flatMap((credential) => {
    const { noCloud, configDrive } = credential.sshPublicKey?.propagationMethod ?? {};
    if (!noCloud && !configDrive) return [];
    const secret = cluster.get<Secret>('secrets', metadata.namespace, secretOf(credential) ?? '');
    const texts = Object.values(secret?.data ?? {}).map(decode);
    return texts.flatMap((text) => text.split('\n')).flatMap((line) => line.trim() || []);
  });
}

export function secretOf({ sshPublicKey, userPassword }: AccessCredential): string | undefined {
  return (sshPublicKey ?? userPassword)?.source?.secret?.secretName;
}

/** Those that reach a running guest through its agent. */
export function agentCredentials({ spec }: VirtualMachineInstance): AccessCredential[] {
  return (spec.accessCredentials ?? []).filter(
    ({ sshPublicKey, userPassword }) =>
      (sshPublicKey ?? userPassword)?.propagationMethod?.qemuGuestAgent !== undefined,
  );
}

export function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
