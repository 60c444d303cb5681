// Gets the programs that only tests talk to, as extracted Debian packages: a registry for container disks, a Prometheus
// that scrapes. They lie below .cache/packages as below a root directory (`usr/bin/docker-registry`, …).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTree } from './debian-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Makes sure that the packages are there; a look at one file when they are.
 * @param {(line: string) => void} log
 * @returns {Promise<string | undefined>} why not, as a sentence
 */
export function ensureTestPackages(log) {
  return ensureTree({
    directory: path.join(root, '.cache', 'packages'),
    names: ['docker-registry', 'prometheus'],
    log,
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const reason = await ensureTestPackages((line) => console.log(line));
  if (reason) console.error(reason);
  process.exitCode = reason ? 1 : 0;
}
