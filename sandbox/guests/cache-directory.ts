import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Fills `directory` by `work` in a directory beside it, which then takes its place at once. Several processes may do so
 * for the same directory: the first to finish is kept, and nobody sees a half of it.
 */
export async function fillDirectory(
  directory: string,
  work: (workDirectory: string) => Promise<void>,
): Promise<void> {
  const beside = `${directory}.${process.pid}`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  try {
    await work(beside);
    await rename(beside, directory).catch(async (error: unknown) => {
      if (!(await exists(directory))) throw error;
    });
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/**
 * Keeps `kept` and the latest others, `count` in all, and removes what processes that were killed left half done.
 * Running guests keep files that are removed under them.
 */
export async function pruneDirectory(parent: string, count: number, kept: string): Promise<void> {
  const dated: { directory: string; time: number }[] = [];
  for (const name of await readdir(parent)) {
    const directory = path.join(parent, name);
    if (name === kept) continue;
    const worker = /\.(\d+)$/.exec(name)?.[1];
    if (worker !== undefined) {
      if (!isAlive(Number(worker))) await rm(directory, { recursive: true, force: true });
      continue;
    }
    const time = await stat(directory).then(
      (stats) => stats.mtimeMs,
      () => 0,
    );
    dated.push({ directory, time });
  }
  dated.sort((a, b) => b.time - a.time);
  for (const { directory } of dated.slice(count - 1)) await rm(directory, { recursive: true, force: true });
}
