import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endRecordedMachine } from './machine';

/** A unix socket's path has 108 bytes at most; ours end in "/<45 characters>/qmp". */
const LONGEST_RUN_DIRECTORY = 56;

/** Where sockets and logs lie: beside the state when its path is short enough, else under the temporary directory. */
export function runDirectoryFor(directory: string): string {
  const beside = path.join(directory, 'run');
  if (beside.length <= LONGEST_RUN_DIRECTORY) return beside;
  const hash = createHash('sha256').update(path.resolve(directory)).digest('hex').slice(0, 12);
  return path.join(tmpdir(), `portlight-${hash}`);
}

/** The names of the machines that a run directory knows, whoever started them. */
export function machineNames(runDirectory: string): string[] {
  try {
    return readdirSync(runDirectory);
  } catch {
    return [];
  }
}

/** The name of the process that a guest moves into; `move` is unique among the guest's moves (8 characters count). */
export function movedName(id: string, move: string): string {
  return `${id}.${move.slice(0, 8)}`;
}

/** Whether a machine's name is one of those that the guest `id` had or was to have. */
export function isNameOf(id: string, name: string): boolean {
  return name === id || name.startsWith(`${id}.`);
}

/**
 * Ends the guests that a killed sandbox left running, for when no sandbox will come to adopt them. Only while none
 * runs on `directory`.
 */
export async function endLeftGuests(directory: string): Promise<void> {
  const runDirectory = runDirectoryFor(directory);
  await Promise.all(
    machineNames(runDirectory).map((name) => endRecordedMachine(path.join(runDirectory, name))),
  );
}
