// npm run bench [-- NAME…]: runs the measurements of bench/, one after the other.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './bundle.mjs';
import { ensureBuilt, ensureDevPackages, ensureGuests } from './setup.mjs';

const log = (sentence) => console.log(sentence);
await ensureDevPackages(log);
await ensureGuests(log);
await ensureBuilt(log);

const all = readdirSync(path.join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace(/\.bench\.ts$/, ''));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No measurement is called ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  process.exit(1);
}
for (const name of wanted.length > 0 ? wanted : all) {
  log(`── ${name}`);
  const outfile = await bundle(
    `bench/${name}.bench.ts`,
    path.join(root, '.cache', 'run', `${name}.bench.mjs`),
  );
  const { measure } = await import(pathToFileURL(outfile).href);
  await measure();
}
