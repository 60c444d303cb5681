/** Why an image could not be brought to its claim, in CDI's words; the worker pod ends with the message. */
export class TransferError extends Error {}

/** The image has to be unpacked beside the claim before it can be converted, and there is no room for that yet. */
export class ScratchSpaceRequired extends TransferError {
  constructor() {
    super('scratch space required and none found');
  }
}

/** What a process of the importer says when a volume is full. */
export const NO_SPACE = 'no space left on device';

/** A write or a program found the volume full. */
export function isOutOfSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
