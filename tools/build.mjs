// npm run build: builds what is older than its sources, as `npm start` does, unless a high vulnerability is
// known of a package.
import { auditPackages } from './audit.mjs';
import { ensureBuilt, ensurePackages, SetupError } from './setup.mjs';

const log = (sentence) => console.log(sentence);
try {
  await ensurePackages(log);
  if (!(await auditPackages(log))) throw new SetupError('Nothing was built.');
  await ensureBuilt(log);
  log('The build is current.');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
