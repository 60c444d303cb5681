// What the project asks of the machine beside npm packages: Debian packages, installed when that is possible.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The full path of a program on PATH, or undefined. */
export function findProgram(name) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (folder && existsSync(file)) return file;
  }
  return undefined;
}

/**
 * Installs the Debian packages whose program is missing. `wanted` maps a program to the package that brings it.
 * Returns the line to run by hand when this user cannot install, undefined when all is there.
 */
export function ensurePrograms(wanted, log) {
  const missing = Object.entries(wanted).filter(([program]) => !findProgram(program));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return line;
  log(`installing ${packages.join(', ')} (apt)`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status;
  const install = () => apt(['install', '-y', '-q', '--no-install-recommends', ...packages]);
  // A new machine's package lists are empty or old: read them only when the first try fails.
  if (install() !== 0 && (apt(['update', '-q']) !== 0 || install() !== 0)) return line;
  return undefined;
}
