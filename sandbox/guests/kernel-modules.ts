import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { moduleInfo } from './elf';

const run = promisify(execFile);

export interface KernelModule {
  /** With underscores, as `lsmod` prints it. */
  name: string;
  content: Buffer;
}

/** A module's name as the kernel compares it: file names and dependencies mix dashes and underscores. */
export function moduleName(file: string): string {
  return path
    .basename(file)
    .replace(/\.ko(\.(xz|zst|gz))?$/, '')
    .replaceAll('-', '_');
}

/**
 * Orders `wanted` and all that they depend on so that each comes after its dependencies.
 * Names that `dependenciesOf` doesn't know (undefined) are left out: they are built into the kernel or gone from it.
 */
export async function resolveModules(
  wanted: readonly string[],
  dependenciesOf: (name: string) => Promise<readonly string[] | undefined>,
): Promise<string[]> {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (seen.has(name)) return;
    seen.add(name);
    const dependencies = await dependenciesOf(name);
    if (!dependencies) return;
    for (const dependency of dependencies) await visit(moduleName(dependency));
    order.push(name);
  };
  for (const name of wanted) await visit(moduleName(name));
  return order;
}

async function readModule(file: string): Promise<Buffer> {
  const packed = file.endsWith('.xz')
    ? 'xz'
    : file.endsWith('.zst')
      ? 'zstd'
      : file.endsWith('.gz')
        ? 'gzip'
        : undefined;
  if (!packed) return readFile(file);
  const { stdout } = await run(packed, ['-dc', file], { encoding: 'buffer', maxBuffer: 64 << 20 });
  return stdout;
}

/**
 * Reads the wanted modules and their dependencies from a kernel's module directory (lib/modules/RELEASE), in the
 * order in which they can be loaded, unpacked (.ko.xz in Debian 13).
 */
export async function collectModules(directory: string, wanted: readonly string[]): Promise<KernelModule[]> {
  const files = new Map<string, string>();
  for (const file of await readdir(directory, { recursive: true })) {
    if (/\.ko(\.(xz|zst|gz))?$/.test(file)) files.set(moduleName(file), path.join(directory, file));
  }
  const contents = new Map<string, Buffer>();
  const order = await resolveModules(wanted, async (name) => {
    const file = files.get(name);
    if (!file) return undefined;
    const content = await readModule(file);
    contents.set(name, content);
    const depends = moduleInfo(content).find(([key]) => key === 'depends')?.[1] ?? '';
    return depends.split(',').filter(Boolean);
  });
  return order.flatMap((name) => {
    const content = contents.get(name);
    return content ? [{ name, content }] : [];
  });
}
