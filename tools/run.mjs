// node tools/run.mjs FILE.ts [ARGUMENTS…]: runs a TypeScript file, for tools and experiments.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './bundle.mjs';

const [entry, ...rest] = process.argv.slice(2);
if (!entry) {
  console.error('Usage: node tools/run.mjs FILE.ts [ARGUMENTS…]');
  process.exit(1);
}
const outfile = path.join(root, '.cache', 'run', `${entry.replaceAll(/[^\w]+/g, '-')}-${process.pid}.mjs`);
await bundle(path.relative(root, path.resolve(entry)), outfile);
process.argv = [process.argv[0], outfile, ...rest];
await import(pathToFileURL(outfile).href);
