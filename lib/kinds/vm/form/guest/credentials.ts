import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import { type Field, GUEST, type VmDraft, type VmManifest } from '../field';
import { field } from '../make-field';
import { findCloudInit, isNamed } from './cloud-init';
import { freeName, newSecret, secretIn, withOther } from './secret-document';

const PATH = [...GUEST, 'accessCredentials'] as const;

/** How keys or a password reach the guest: at its boot by cloud-init, or at any time by its agent. */
export const PROPAGATIONS = ['noCloud', 'configDrive', 'qemuGuestAgent'] as const;
export type Propagation = (typeof PROPAGATIONS)[number];

/** One entry of `accessCredentials`. */
export interface Credential {
  kind: 'sshPublicKey' | 'userPassword' | 'unknown';
  secret: string;
  propagation: Propagation | undefined;
  /** Whom the agent gives the keys to, separated by commas. */
  users: string;
}

/** The entries as they stand, changed and removed one by one. */
export const ACCESS_CREDENTIALS: Field<readonly JsonObject[]> = field({
  id: 'access-credentials',
  paths: [PATH.join('.')],
  read: (vm) => mappingsAt(vm, PATH),
  write: (vm, entries) => withValueAt(vm, PATH, entries.length > 0 ? entries : undefined),
});

export function readCredential(entry: JsonObject): Credential {
  const kind = isJsonObject(entry.sshPublicKey)
    ? 'sshPublicKey'
    : isJsonObject(entry.userPassword)
      ? 'userPassword'
      : 'unknown';
  const method = valueAt(entry, [kind, 'propagationMethod']);
  const users = valueAt(method, ['qemuGuestAgent', 'users']);
  return {
    kind,
    secret: wordAt(entry, [kind, 'source', 'secret', 'secretName']),
    propagation: PROPAGATIONS.find((each) => isJsonObject(method) && isJsonObject(method[each])),
    users: Array.isArray(users) ? users.filter((user) => typeof user === 'string').join(', ') : '',
  };
}

/** The entry with what differs written; what else it says stays. */
export function writeCredential(entry: JsonObject, change: Partial<Credential>): JsonObject {
  const before = readCredential(entry);
  const after = { ...before, ...change };
  if (before.kind === 'unknown') return entry;
  let made = entry;
  const at = (...path: string[]) => [before.kind, ...path];
  if (after.secret !== before.secret)
    made = withValueAt(made, at('source', 'secret', 'secretName'), after.secret);
  if (after.propagation && after.propagation !== before.propagation) {
    const method =
      after.propagation === 'qemuGuestAgent'
        ? { qemuGuestAgent: { users: [] } }
        : { [after.propagation]: {} };
    made = withValueAt(made, at('propagationMethod'), method);
  }
  if (after.users !== before.users && after.propagation === 'qemuGuestAgent') {
    const users = after.users
      .split(',')
      .map((user) => user.trim())
      .filter(Boolean);
    made = withValueAt(made, at('propagationMethod', 'qemuGuestAgent', 'users'), users);
  }
  return made;
}

/** Keys from a Secret of the cluster, by the way that fits the VM's cloud-init. */
export function withKeysFrom(draft: VmDraft, secret: string): VmDraft {
  const found = findCloudInit(draft.vm);
  const method = found
    ? { [found.source === 'cloudInitConfigDrive' ? 'configDrive' : 'noCloud']: {} }
    : { qemuGuestAgent: { users: [] } };
  const entry = { sshPublicKey: { source: { secret: { secretName: secret } }, propagationMethod: method } };
  const entries = [...ACCESS_CREDENTIALS.read(draft.vm), entry];
  return { ...draft, vm: ACCESS_CREDENTIALS.write(draft.vm, entries) };
}

/** Pasted keys in a Secret that is made with the VM. KubeVirt takes each of its values for keys, one a line. */
export function withNewKeySecret(draft: VmDraft, keys: string): VmDraft {
  const name = freeName(draft, 'Secret', 'ssh-keys');
  const made = withKeysFrom(draft, name);
  return { ...made, others: [newSecret(draft, name, { keys: `${keys.trim()}\n` }), ...made.others] };
}

/** An entry changed, or removed by undefined; a Secret of the draft that nothing names any more goes with it. */
export function withCredential(
  draft: VmDraft,
  index: number,
  change: Partial<Credential> | undefined,
): VmDraft {
  const entries = ACCESS_CREDENTIALS.read(draft.vm);
  const before = entries[index];
  if (!before) return draft;
  const after = entries.flatMap((entry, at) =>
    at !== index ? [entry] : change ? [writeCredential(entry, change)] : [],
  );
  const made = { ...draft, vm: ACCESS_CREDENTIALS.write(draft.vm, after) };
  const old = readCredential(before).secret;
  const secret = old && !isNamed(made.vm, old) ? secretIn(made, old) : undefined;
  return secret ? withOther(made, secret, undefined) : made;
}

/** What KubeVirt would refuse or pass over. */
export function credentialProblem(vm: VmManifest, entry: JsonObject): Text | undefined {
  const { kind, secret, propagation, users } = readCredential(entry);
  if (kind === 'unknown') return undefined;
  if (secret === '') return text('guest.credential.noSecret');
  if (propagation === undefined) return text('guest.credential.noWay');
  const source = findCloudInit(vm)?.source;
  if (propagation === 'noCloud' && source !== 'cloudInitNoCloud')
    return text('guest.credential.needsNoCloud');
  if (propagation === 'configDrive' && source !== 'cloudInitConfigDrive')
    return text('guest.credential.needsConfigDrive');
  if (propagation === 'qemuGuestAgent' && kind === 'sshPublicKey' && users === '')
    return text('guest.credential.noUsers');
  return undefined;
}
