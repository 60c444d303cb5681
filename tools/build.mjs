// npm run build: builds what is older than its sources, as `npm start` does.
import { ensureBuilt, ensurePackages } from './setup.mjs';

const log = (sentence) => console.log(sentence);
try {
  await ensurePackages(log);
  await ensureBuilt(log);
  log('The build is current.');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
