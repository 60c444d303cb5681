// npm run bench [-- NAME…]: runs the measurements of bench/, one after the other. Without names those of the live
// inventory that are done within a quarter of an hour; the storm, the sandbox and its guests are measured by name.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './bundle.mjs';
import { ensureBuilt, ensureDevPackages, ensureGuests } from './setup.mjs';

const LONG = ['inventory-storm'];
/** They need neither the console nor its pages. */
const SANDBOX = ['editor', 'image-transfer', 'sandbox-scale', 'twenty-guests'];
const GUESTS = ['live-change', 'sandbox-scale', 'twenty-guests', 'twenty-vms'];

const log = (sentence) => console.log(sentence);
const all = readdirSync(path.join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace(/\.bench\.ts$/, ''));
const named = process.argv.slice(2);
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No measurement is called ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  process.exit(1);
}
const wanted =
  named.length > 0 ? named : all.filter((name) => ![...LONG, ...SANDBOX, ...GUESTS].includes(name));
await ensureDevPackages(log);
if (wanted.some((name) => GUESTS.includes(name))) await ensureGuests(log);
await ensureBuilt(log, { pages: wanted.some((name) => !SANDBOX.includes(name)) });

const failures = [];
const started = Date.now();
for (const name of wanted) {
  log(`── ${name}`);
  const outfile = await bundle(
    `bench/${name}.bench.ts`,
    path.join(root, '.cache', 'run', `${name}-${process.pid}.bench.mjs`),
  );
  const { measure } = await import(pathToFileURL(outfile).href);
  const from = Date.now();
  // One that fails leaves the others their turn.
  await measure().catch((cause) => failures.push([name, cause]));
  log(`── ${name} took ${Math.round((Date.now() - from) / 1000)} s`);
}
log(`\nAll in ${Math.round((Date.now() - started) / 1000)} s`);
const goals = globalThis[Symbol.for('portlight.bench.goals')] ?? [];
for (const { goal, measured, reached } of goals) {
  log(
    `| ${goal} | ${measured} | ${reached === 'skipped' ? 'skipped' : reached ? 'reached' : '**not reached**'} |`,
  );
}
for (const [name, cause] of failures) console.error(`${name}: ${cause?.stack ?? cause}`);
// A browser or a socket that hangs keeps nobody waiting.
process.exit(failures.length > 0 ? 1 : 0);
