import { createHash, type Hash } from 'node:crypto';
import { TransferError } from './transfer-error';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'];

/** Adds up what goes by, to be compared with `algorithm:hex` at the end. Mirrors ChecksumValidator of CDI. */
export class Checksum {
  private readonly hash: Hash;
  private readonly algorithm: string;
  private readonly expected: string;

  /** @throws TransferError for an algorithm that CDI does not know. */
  constructor(text: string) {
    const [algorithm = '', expected = ''] = text.split(':');
    if (!ALGORITHMS.includes(algorithm.toLowerCase()))
      throw new TransferError(`unsupported hash algorithm: ${algorithm}`);
    this.algorithm = algorithm.toLowerCase();
    this.expected = expected.toLowerCase();
    this.hash = createHash(this.algorithm);
  }

  add(chunk: Buffer): void {
    this.hash.update(chunk);
  }

  /** @throws TransferError when it is another. */
  verify(): void {
    const calculated = this.hash.digest('hex');
    if (calculated === this.expected) return;
    const { algorithm, expected } = this;
    throw new TransferError(
      `checksum mismatch: expected ${algorithm}:${expected}, calculated ${algorithm}:${calculated}`,
    );
  }
}
