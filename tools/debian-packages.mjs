// Debian packages that are extracted, not installed: what guests are made of, and programs that only some runs need.
// Plain Node without npm packages, because the set-up step runs it before anything else is there.
import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ENVIRONMENT = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
/** Raised when the shape of a tree's manifest changes: an older tree is then made anew. */
const TREE_VERSION = 1;
/** What could not be fetched is not asked for again so long. */
const RETRY_MS = 10 * 60_000;

export async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

export async function hasCommand(name) {
  const directories = (process.env.PATH ?? '').split(':').filter(Boolean);
  for (const directory of directories) if (await exists(path.join(directory, name))) return true;
  return false;
}

export async function hasApt() {
  return (await hasCommand('apt-get')) && (await hasCommand('dpkg-deb'));
}

export const isRoot = () => process.getuid?.() === 0;

/** What a command writes, with Debian's tools speaking English and asking nothing. */
export async function output(command, args, options = {}) {
  const { stdout } = await run(command, args, { env: ENVIRONMENT, maxBuffer: 64 << 20, ...options });
  return stdout;
}

/**
 * What `apt-cache depends` says: package → the packages that it depends on, first alternatives only.
 * A package's own line starts at the margin; its relations are indented below it.
 */
export function parseDepends(text) {
  const byName = new Map();
  let current = [];
  for (const line of text.split('\n')) {
    const own = /^([a-z0-9][^\s:]*)(?::\w+)?$/.exec(line);
    if (own) {
      current = [];
      byName.set(own[1], current);
    }
    const relation = /^ {2}(?:Pre)?Depends: ([^<\s:]+)(?::\w+)?$/.exec(line);
    if (relation) current.push(relation[1]);
  }
  return byName;
}

/** The direct dependencies of packages. Every call may parse the whole lists (2 s): ask for many at once. */
export async function dependsOf(names) {
  const without = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces'].map((kind) => `--no-${kind}`);
  return parseDepends(await output('apt-cache', ['depends', ...without, ...names]));
}

/** What went wrong, in apt's own first words. */
export function sentence(error) {
  const text = String(error.stderr || error.message || error);
  const lines = text.split('\n').filter((line) => /^E: /.test(line));
  return (lines[0] ?? text.trim().split('\n').at(-1) ?? '').replace(/^E: /, '');
}

/** Runs `work`, and once more after `apt-get update` when it fails: stale lists name packages that have gone. */
export async function withFreshLists(work, log) {
  try {
    return await work();
  } catch (error) {
    if (!isRoot()) throw error;
    log('Refreshing the package lists (apt-get update)…');
    await output('apt-get', ['update', '-q']);
    return work();
  }
}

/**
 * Downloads packages into `work` and hands each to `extract(archive, { name, version })`.
 * @throws when one of `names` could not be had.
 */
export async function downloadPackages(names, work, extract) {
  // apt's own download user cannot write into a private directory; root downloads as itself then.
  const asRoot = isRoot() ? ['-o', 'APT::Sandbox::User=root'] : [];
  await output('apt-get', [...asRoot, '-q', 'download', ...names], { cwd: work });
  const packages = [];
  for (const archive of (await readdir(work)).filter((file) => file.endsWith('.deb')).sort()) {
    const [name = '', version = ''] = decodeURIComponent(archive).split('_');
    packages.push({ name, version });
    await extract(path.join(work, archive), { name, version });
  }
  const absent = names.filter((name) => !packages.some((entry) => entry.name === name));
  if (absent.length > 0) throw new Error(`apt-get download left out ${absent.join(', ')}`);
  return packages;
}

/** The libraries that `names` need, and those need in turn, as far as this machine has not installed them. */
async function missingLibraries(names) {
  const selections = (await output('dpkg', ['--get-selections'])).split('\n');
  const installed = new Set(selections.map((line) => /^([^:\s]+)\S*\s+(?:install|hold)$/.exec(line)?.[1]));
  const found = new Set();
  for (let round = names; round.length > 0; ) {
    const wanted = [...(await dependsOf(round)).values()].flat();
    round = [...new Set(wanted)].filter(
      (name) => /^lib(?!js-)/.test(name) && !installed.has(name) && !found.has(name),
    );
    for (const name of round) found.add(name);
  }
  return [...found];
}

/**
 * Extracts packages, and the libraries that they lack here, into one tree: `DIRECTORY/usr/bin`,
 * `DIRECTORY/usr/lib/x86_64-linux-gnu`, … Fast when a tree of these very names is there already.
 * @param {{ directory: string, names: string[], log: (line: string) => void }} options
 * @returns {Promise<string | undefined>} why it could not be done, as a whole sentence; undefined when all is there
 */
export async function ensureTree({ directory, names, log }) {
  const manifestFile = path.join(directory, 'packages.json');
  const wanted = JSON.stringify([TREE_VERSION, ...names]);
  const present = await readFile(manifestFile, 'utf8').catch(() => '{}');
  if (JSON.parse(present).wanted === wanted) return undefined;
  const list = names.join(', ');
  const failed = `${directory}.failed`;
  const lately = await stat(failed).catch(() => undefined);
  // Without a network apt waits for long: not at every start.
  if (lately && Date.now() - lately.mtimeMs < RETRY_MS) return readFile(failed, 'utf8');
  if (!(await hasApt())) return `${list} cannot be had: this system has no apt-get to fetch Debian packages.`;
  const work = `${directory}.${process.pid}`;
  const tree = path.join(work, 'tree');
  try {
    log(`Downloading ${list} (extracted, not installed)…`);
    const packages = await withFreshLists(async () => {
      await rm(work, { recursive: true, force: true });
      await mkdir(tree, { recursive: true });
      return downloadPackages([...names, ...(await missingLibraries(names))], work, (archive) =>
        output('dpkg-deb', ['-x', archive, tree]),
      );
    }, log);
    await writeFile(path.join(tree, 'packages.json'), `${JSON.stringify({ wanted, packages }, null, 2)}\n`);
    await rm(directory, { recursive: true, force: true });
    await rename(tree, directory);
    await rm(failed, { force: true });
    return undefined;
  } catch (error) {
    const reason = `${list} could not be fetched: ${sentence(error)}.`;
    await writeFile(failed, reason);
    return reason;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
