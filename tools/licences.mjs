// node tools/licences.mjs: writes docs/licences.md, every package of the lock file that comes with an installation.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const LICENCES_FILE = path.join(root, 'docs', 'licences.md');

/**
 * What may be shipped beside Apache-2.0. MPL-2.0 and LGPL ask for the source of their own files only, which npm brings
 * or names; both are used unchanged.
 */
export const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'LGPL-3.0-or-later',
  'MIT',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
];

/** Whether an SPDX expression can be fulfilled with allowed licences alone. An unknown or absent one cannot. */
export function isAllowed(expression) {
  if (!expression) return false;
  return expression
    .replaceAll(/[()]/g, '')
    .split(' AND ')
    .every((each) => each.split(' OR ').some((licence) => ALLOWED.includes(licence.trim())));
}

/** The packages of a lock file that ship: all but those for development. Sorted, each version once. */
export function shippedPackages(lock) {
  const shipped = Object.entries(lock.packages)
    .filter(([place, { dev, devOptional, link }]) => place && !dev && !devOptional && !link)
    .map(([place, { name, version, license = '', optional = false }]) => ({
      name: name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license,
      optional,
    }));
  const once = new Map(shipped.map((each) => [`${each.name} ${each.version}`, each]));
  return [...once.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** The text of docs/licences.md. */
export function licencesPage(packages) {
  const rows = packages.map(
    ({ name, version, licence, optional }) =>
      `| ${name} | ${version} | ${licence}${optional ? ' (optional)' : ''} |`,
  );
  return [
    '# Licences',
    '',
    `Portlight is under [Apache-2.0](../LICENSE). With it come ${packages.length} npm packages, listed here from`,
    '`package-lock.json` by `node tools/licences.mjs`; a test keeps the list current and each licence one of those that',
    'are allowed there. Optional ones are for one platform each, so an installation has a few of them. Packages for',
    'development only are not listed.',
    '',
    '| Package | Version | Licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

export function readLock() {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(LICENCES_FILE, licencesPage(shippedPackages(readLock())));
}
