// Asks the package registry for known vulnerabilities of what is installed. Not every registry has that service: then a
// line says so, and all goes on. A vulnerability that is known and high ends it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const PATIENCE_MS = 60_000;

/**
 * What `npm audit --json` printed: `{ found }`, the packages with high or critical vulnerabilities, or `{ unavailable }`,
 * why nobody knows.
 */
export function readAudit(output) {
  let report;
  try {
    report = JSON.parse(output);
  } catch {
    return { unavailable: 'the registry gave no report' };
  }
  if (!report.vulnerabilities) {
    const code = report.statusCode ?? report.error?.code;
    return { unavailable: code ? `the registry answered ${code}` : 'the registry gave no report' };
  }
  const found = Object.values(report.vulnerabilities)
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ name, severity, via }) => {
      const titles = via.filter((each) => typeof each === 'object').map(({ title }) => title);
      return `${name} (${severity}${titles.length > 0 ? `: ${titles.join('; ')}` : ''})`;
    });
  return { found };
}

/** True when nothing high is known. Says in one line what came out. */
export async function auditPackages(log) {
  const { found, unavailable } = readAudit(await runAudit());
  if (unavailable) log(`Known vulnerabilities were not looked up: ${unavailable}.`);
  else if (found.length === 0) log('No high vulnerability is known of any package.');
  else log(`Known vulnerabilities: ${found.join(', ')}. Run npm audit for more, and take newer versions.`);
  return unavailable !== undefined || found.length === 0;
}

function runAudit() {
  return new Promise((resolve) => {
    const args = ['audit', '--json', '--audit-level=high', '--fetch-retries=0', '--fetch-timeout=20000'];
    const child = spawn('npm', args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE_MS,
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', () => resolve(''));
    child.on('close', () => resolve(output));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await auditPackages((sentence) => console.log(sentence))) ? 0 : 1;
}
