import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';

/** How long one derived key encrypts; the one before still decrypts, see MAX_EPOCHS. */
const EPOCH_MS = 24 * 60 * 60 * 1000;
/** What is older than this many epochs is not read any more, whatever it says of itself. */
const MAX_EPOCHS = 31;
const KEY_BYTES = 32;
const MAX_DERIVED = 64;

/** A master key that cannot be one; the message is a sentence. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

/**
 * Encrypts what the browser keeps for the server (JWE, `dir` with A256GCM). From each master key one key a day is
 * derived (HKDF), so keys rotate by themselves; replacing a master key takes two steps: put the new one first, and take
 * the old one away when sessions have ended. Replicas that share master keys read each other's.
 */
export class KeyRing {
  private masters: { id: string; key: Buffer }[];
  private readonly derived = new Map<string, Uint8Array>();

  /** @param masters at least one, of 32 bytes each; the first encrypts. */
  constructor(masters: Buffer[] = [randomBytes(KEY_BYTES)]) {
    this.masters = named(masters);
  }

  /** Takes other master keys; what was encrypted with one that is gone cannot be read any more. */
  replace(masters: Buffer[]): void {
    this.masters = named(masters);
    this.derived.clear();
  }

  /** @param purpose what it is for: something sealed for one purpose opens for no other. */
  async seal(purpose: string, value: unknown): Promise<string> {
    const [first] = this.masters;
    if (!first) throw new KeyRingError('There is no session key.');
    const epoch = Math.floor(Date.now() / EPOCH_MS);
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: `${first.id}.${epoch}` })
      .encrypt(this.derive(first, epoch, purpose));
  }

  /** What was sealed, or undefined when it was not sealed here, for this purpose, lately, or was tampered with. */
  async open(purpose: string, sealed: string): Promise<unknown> {
    try {
      const { plaintext } = await compactDecrypt(sealed, ({ kid }) => this.find(purpose, kid), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return JSON.parse(new TextDecoder().decode(plaintext));
    } catch {
      return undefined;
    }
  }

  private find(purpose: string, kid: unknown): Uint8Array {
    const [, id, epoch] = /^([\w-]{8})\.(\d{1,9})$/.exec(String(kid)) ?? [];
    const master = this.masters.find((each) => each.id === id);
    const age = Math.floor(Date.now() / EPOCH_MS) - Number(epoch);
    // A replica whose clock is ahead may have begun the next day already.
    if (!master || age < -1 || age > MAX_EPOCHS) throw new KeyRingError('It was sealed with an unknown key.');
    return this.derive(master, Number(epoch), purpose);
  }

  private derive({ id, key }: { id: string; key: Buffer }, epoch: number, purpose: string): Uint8Array {
    const name = `${id}.${epoch} ${purpose}`;
    const known = this.derived.get(name);
    if (known) return known;
    const derived = new Uint8Array(hkdfSync('sha256', key, '', `portlight ${purpose} ${epoch}`, KEY_BYTES));
    if (this.derived.size >= MAX_DERIVED) this.derived.clear();
    this.derived.set(name, derived);
    return derived;
  }
}

/**
 * Reads master keys: one a line or separated by commas, each 32 bytes in base64 or base64url (`openssl rand -base64 32`).
 * @throws KeyRingError
 */
export function parseMasterKeys(text: string): Buffer[] {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => Buffer.from(word, 'base64'));
  if (keys.length === 0) throw new KeyRingError('There is no session key.');
  if (keys.some((key) => key.length !== KEY_BYTES)) {
    throw new KeyRingError(
      `A session key is ${KEY_BYTES} bytes in base64, e.g. from: openssl rand -base64 ${KEY_BYTES}`,
    );
  }
  return keys;
}

function named(masters: Buffer[]): { id: string; key: Buffer }[] {
  return masters.map((key) => ({
    id: createHash('sha256').update('portlight key id').update(key).digest('base64url').slice(0, 8),
    key,
  }));
}
