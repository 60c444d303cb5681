// npm test: installs what is missing and runs everything. The last line is the sum over all tests.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePrograms } from './machine.mjs';
import { ensureBuilt, ensureDevPackages, ensureGuests } from './setup.mjs';
import { ensureTestPackages } from './test-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const reports = path.join(root, '.cache', 'reports');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const started = Date.now();
const log = (sentence) =>
  console.log(`[${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s] ${sentence}`);

/** Runs a command with its output shown; resolves to its exit code. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
    });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const sum = { passed: 0, failed: 0 };

/** A check that is one test in the sum: types, lint, import rules. */
async function check(name, command, args) {
  log(`${name} …`);
  const code = await run(command, args);
  sum[code === 0 ? 'passed' : 'failed'] += 1;
  log(`${name}: ${code === 0 ? 'passed' : 'FAILED'}`);
}

/** A test runner whose JSON report says how many passed. A runner that left no report, or failed with none counted, counts as a failure. */
async function suite(name, command, args, report, count, env) {
  log(`${name} …`);
  rmSync(report, { force: true });
  const code = await run(command, args, env);
  let counted = { passed: 0, failed: 0 };
  try {
    counted = count(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    counted.failed = 1;
  }
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  if (counted.passed + counted.failed === 0) counted.failed = 1;
  sum.passed += counted.passed;
  sum.failed += counted.failed;
  log(`${name}: ${counted.passed} passed, ${counted.failed} failed`);
}

const vitestCount = (report) => ({
  passed: report.numPassedTests,
  failed: report.numTotalTests - report.numPassedTests,
});
const playwrightCount = ({ stats }) => ({
  // A test that needed a second try is broken until its cause is found; a skipped one proves nothing.
  passed: stats.expected,
  failed: stats.unexpected + stats.flaky + stats.skipped,
});

/** One of vitest's projects. */
function vitest(project) {
  const report = path.join(reports, `${project}.json`);
  return suite(
    project,
    bin('vitest'),
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    report,
    vitestCount,
  );
}

mkdirSync(reports, { recursive: true });
await ensureDevPackages(log);
const byHand = ensurePrograms({ chromium: 'chromium', kubectl: 'kubernetes-client' }, log);
if (byHand) log(`the tests need more of this machine; run: ${byHand}`);
await ensureGuests(log);
const withoutPackages = await ensureTestPackages(log);
if (withoutPackages) log(withoutPackages);

await check('types', bin('tsc'), ['--noEmit']);
await check('lint', bin('biome'), ['check', '--error-on-warnings', '.']);
await check('import rules', 'npm', ['run', '--silent', 'imports']);
await check('known vulnerabilities', process.execPath, ['tools/audit.mjs']);
await vitest('unit');
// Most contract tests wait for a cluster's own pace, and the soak lasts its minutes whatever else runs.
await Promise.all([vitest('contract'), vitest('soak')]);
await ensureBuilt(log);
const e2e = path.join(reports, 'e2e.json');
await suite('e2e', bin('playwright'), ['test'], e2e, playwrightCount, { PLAYWRIGHT_JSON_OUTPUT_NAME: e2e });

log(`all done in ${Math.round((Date.now() - started) / 60_000)} min`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
