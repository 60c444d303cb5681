import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endRecordedMachine } from './machine';

/** A unix socket's path has 108 bytes at most; ours end in "/<36 characters>/qmp". */
const LONGEST_RUN_DIRECTORY = 60;

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
