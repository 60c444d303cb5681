// What must be there before anything runs: npm packages, guest packages, a build. Plain Node, because on a fresh clone
// there is nothing else yet. Every function does nothing, within milliseconds, when all is there already.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compressPages } from './compress-pages.mjs';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const HEARTBEAT_MS = 10_000;
const KEPT_LINES = 20;
/** A lock older than this was left by a process that was killed, whoever has its number now. */
const LONGEST_BUILD_MS = 15 * 60_000;

/** Something that the person at the terminal has to know; the message is one or more sentences. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Every process started here and still running, so that an interrupted set-up leaves none behind. */
export const children = new Set();

/** Does `work`, saying when it begins, that it goes on, and how long it took. */
async function step(title, log, work) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  log(`${title} …`);
  const heartbeat = setInterval(() => log(`${title} … ${seconds()} s`), HEARTBEAT_MS);
  try {
    const result = await work();
    log(`${title}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Runs a command to its end. Its output is kept, and shown only when it fails. */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const lines = [];
    const keep = (chunk) => {
      lines.push(
        ...String(chunk)
          .split('\n')
          .filter((line) => line.trim()),
      );
      // What went wrong stands at the beginning or at the end.
      if (lines.length > 2 * KEPT_LINES) lines.splice(KEPT_LINES, lines.length - 2 * KEPT_LINES, '…');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => reject(new SetupError(`${command} cannot be run: ${error.message}.`)));
    child.on('close', (code, signal) => {
      children.delete(child);
      if (code === 0) resolve();
      else {
        const shown = lines.join('\n').trim();
        reject(
          new SetupError(
            `${shown}\n\n${command} ${args.join(' ')} failed (${signal ?? `exit code ${code}`}).`,
          ),
        );
      }
    });
  });
}

/** Whether node_modules holds every package of package-lock.json in its version. npm itself keeps this list there. */
function packagesAreCurrent() {
  const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  const installedList = 'node_modules/.package-lock.json';
  if (!existsSync(path.join(root, installedList))) return false;
  const installed = read(installedList);
  return Object.entries(read('package-lock.json')).every(
    ([name, { version, optional, devOptional, peer }]) =>
      name === '' || optional || devOptional || peer || installed[name]?.version === version,
  );
}

/** Installs the npm packages when node_modules is missing or not what package-lock.json says. */
export async function ensurePackages(log) {
  if (packagesAreCurrent()) return;
  // Not `npm ci`: it refuses a lock file that was written where the packages of other platforms (@next/swc-darwin-…)
  // could not be had. This takes the locked versions as well, adds this platform's own, and saves nothing.
  await step('Installing npm packages', log, () =>
    run('npm', ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--no-progress']),
  );
}

/** The same; a build needs TypeScript, so there is no installation without the development packages. */
export const ensureDevPackages = ensurePackages;

/** Gets QEMU and what guests are made of. Without them the sandbox works, its VMs being states only: never fails. */
export async function ensureGuests(log) {
  if (process.env.PORTLIGHT_SANDBOX_GUESTS === 'off') return;
  const { ensureGuestPackages } = await import('./guest-packages.mjs');
  const { ok, reason, aptLine } = await ensureGuestPackages({
    cacheDirectory: path.join(root, '.cache', 'guest'),
    log,
  });
  if (ok) return;
  log(`The sandbox's VMs will be states without a screen. ${reason ?? ''}`);
  if (aptLine) log(`To change that, run: ${aptLine}`);
}

const SHARED_SOURCES = ['lib', 'package-lock.json', 'tsconfig.json'];
const PAGE_SOURCES = [
  ...SHARED_SOURCES,
  'app',
  'components',
  'public',
  'proxy.ts',
  'instrumentation-client.ts',
  'next.config.js',
  'tools/compress-pages.mjs',
];
const BUNDLES = [
  {
    entry: 'server/main.ts',
    outfile: 'dist/server.mjs',
    sources: [...SHARED_SOURCES, 'server', 'tools/bundle.mjs'],
  },
  {
    // A thread of the server.
    entry: 'lib/inventory/thread/worker.ts',
    outfile: 'dist/inventory.mjs',
    sources: [...SHARED_SOURCES, 'tools/bundle.mjs'],
  },
  {
    entry: 'sandbox/main.ts',
    outfile: 'dist/sandbox.mjs',
    sources: [...SHARED_SOURCES, 'sandbox', 'tools/bundle.mjs'],
  },
];

function* filesBelow(entry) {
  const full = path.join(root, entry);
  if (!existsSync(full)) return;
  if (statSync(full).isFile()) yield entry;
  else for (const name of readdirSync(full).sort()) yield* filesBelow(path.join(entry, name));
}

/** One value for the content of all these files; tests and prose do not count. */
function hashOf(sources) {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  for (const source of sources) {
    for (const file of filesBelow(source)) {
      if (/\.test\.tsx?$|\.md$/.test(file)) continue;
      hash
        .update(`${file}\n`)
        .update(readFileSync(path.join(root, file)))
        .update('\n');
    }
  }
  return hash.digest('hex');
}

function isStamped(stamp, hash) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

/** Builds what is older than its sources. `pages: false` leaves Next out, for development and the sandbox alone. */
export async function ensureBuilt(log, { pages = true, bundles = ['server', 'inventory', 'sandbox'] } = {}) {
  await withLock('build', log, async () => {
    for (const { entry, outfile, sources } of BUNDLES) {
      if (!bundles.some((name) => outfile === `dist/${name}.mjs`)) continue;
      const stamp = path.join(root, `${outfile}.stamp`);
      const hash = hashOf(sources);
      if (isStamped(stamp, hash) && existsSync(path.join(root, outfile))) continue;
      const { bundle } = await import('./bundle.mjs');
      await bundle(entry, path.join(root, outfile));
      writeFileSync(stamp, hash);
      // It would stay as a process of its own as long as this one.
      await (await import('esbuild')).stop();
    }
    if (pages) await ensurePages(log);
  });
}

async function ensurePages(log) {
  const directory = path.join(root, process.env.PORTLIGHT_DIST_DIR ?? '.next');
  const stamp = path.join(directory, 'portlight.stamp');
  const hash = hashOf(PAGE_SOURCES);
  if (isStamped(stamp, hash) && existsSync(path.join(directory, 'BUILD_ID'))) return;
  rmSync(stamp, { force: true });
  const tsconfig = path.join(root, 'tsconfig.json');
  const before = readFileSync(tsconfig, 'utf8');
  try {
    await step('Building the pages', log, () =>
      run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
      }),
    );
    await compressPages(path.join(directory, 'static'));
  } finally {
    // Next enters any other folder than .next into tsconfig.json; a build must not change its own sources.
    if (readFileSync(tsconfig, 'utf8') !== before) writeFileSync(tsconfig, before);
  }
  // Sources that changed during the build are built at the next start.
  writeFileSync(stamp, hash);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Two starts at the same time must not build into the same folder: the second waits for the first. */
async function withLock(name, log, work) {
  const file = path.join(root, '.cache', `${name}.lock`);
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(existsSync(file) ? readFileSync(file, 'utf8') : 0);
    const isOld = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > LONGEST_BUILD_MS;
    if ((owner && !isAlive(owner)) || isOld) rmSync(file, { force: true });
    else {
      if (!told) log(`Waiting for another build (process ${owner}) …`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
