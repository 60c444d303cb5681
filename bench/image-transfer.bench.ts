import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeMachine, median, spread } from './support/figures';
import { curl, curlPost, type ImageServers, run, serveImages } from './support/image-floor';
import { cpuSeconds, pssBytes } from './support/processes';
import { type SandboxProcess, startSandbox } from './support/sandbox-process';

const MIB = 2 ** 20;
const IMAGE_MIB = 500;
/** Of this much data and then this much of nothing the image is made. */
const DATA_MIB = 7;
const HOLE_MIB = 3;
const ROUNDS = 3;
const LOOK_MS = 50;
const NS = 'bench';
const CDI = '/apis/cdi.kubevirt.io/v1beta1';
const VOLUMES = `${CDI}/namespaces/${NS}/datavolumes`;
const DIRECTORY = path.resolve('.cache/bench/images');
const NAME = 'image-sandbox';

interface Taken {
  /** From the DataVolume to its end, with pods and claims. */
  all: number;
  /** Of that, the bytes: from the first sign of a transfer to the end. */
  transfer: number;
  /** Seconds of CPU of the sandbox. */
  cpu: number;
  memoryMiB: number;
  /** What the DataVolume said on the way. */
  progress: string[];
}

/**
 * A 500 MiB image to a claim and back: imported over loopback, uploaded as virtctl does, in the same run as `cp` and
 * `curl` do the like with plain files.
 */
export async function measure(): Promise<void> {
  process.env.PORTLIGHT_SANDBOX_GUESTS = 'off';
  console.log(describeMachine());
  rmSync(DIRECTORY, { recursive: true, force: true });
  mkdirSync(DIRECTORY, { recursive: true });
  const image = path.join(DIRECTORY, 'disk.img');
  await makeImage(image);
  const sum = await hashOf(image);
  const floor = path.join(DIRECTORY, 'floor.img');
  const servers = await serveImages(image, floor);
  const sandbox = await startSandbox(NAME, ['--empty']);
  try {
    await sandbox.read('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NS },
    });
    await compare(sandbox, servers, { image, sum, floor });
  } finally {
    servers.close();
    await sandbox.stop();
    rmSync(DIRECTORY, { recursive: true, force: true });
  }
}

async function compare(
  sandbox: SandboxProcess,
  servers: ImageServers,
  { image, sum, floor }: { image: string; sum: string; floor: string },
): Promise<void> {
  const floors: Record<'cp' | 'synced' | 'curl' | 'curlPost', number[]> = {
    cp: [],
    synced: [],
    curl: [],
    curlPost: [],
  };
  const imports: Taken[] = [];
  const uploads: Taken[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const cp = await timed(() => run('cp', ['--sparse=always', '--reflink=never', image, floor]));
    floors.cp.push(cp);
    floors.synced.push(cp + (await timed(() => run('sync', [floor]))));
    rmSync(floor);
    floors.curl.push(await curl('--output', floor, servers.download));
    rmSync(floor);
    imports.push(await importOnce(sandbox, servers.download, `import-${round}`));
    await check(sandbox, `import-${round}`, sum);
    floors.curlPost.push(await curlPost(servers.upload, image));
    rmSync(floor);
    uploads.push(await uploadOnce(sandbox, image, `upload-${round}`));
    await check(sandbox, `upload-${round}`, sum);
  }
  console.log(`cp --sparse: ${spread(floors.cp, ' s', 2)}`);
  console.log(`cp --sparse, and the bytes on the disk: ${spread(floors.synced, ' s', 2)}`);
  console.log(`curl, to a file: ${spread(floors.curl, ' s', 2)}`);
  console.log(`curl, POST over TLS into a file: ${spread(floors.curlPost, ' s', 2)}`);
  report('import over loopback', imports, median(floors.curl), median(floors.cp));
  report('upload as virtctl does', uploads, median(floors.curlPost), median(floors.cp));
}

function report(title: string, taken: readonly Taken[], curlSeconds: number, cpSeconds: number): void {
  const transfer = taken.map((one) => one.transfer);
  const rate = IMAGE_MIB / median(transfer);
  console.log(`${title}: ${spread(transfer, ' s', 2)} for the bytes, ${rate.toFixed(0)} MiB/s`);
  console.log(
    `  ${(median(transfer) / curlSeconds).toFixed(1)} × curl, ${(median(transfer) / cpSeconds).toFixed(1)} × cp`,
  );
  console.log(
    `  in all, with claim and pod: ${spread(
      taken.map(({ all }) => all),
      ' s',
      2,
    )}`,
  );
  console.log(
    `  CPU of the sandbox: ${spread(
      taken.map(({ cpu }) => cpu),
      ' s',
      2,
    )}`,
  );
  console.log(
    `  memory at its end: ${spread(
      taken.map(({ memoryMiB }) => memoryMiB),
      ' MiB',
      0,
    )}`,
  );
  console.log(`  progress: ${taken[0]?.progress.join(' ')}`);
}

/** Random blocks with holes between. */
async function makeImage(file: string): Promise<void> {
  const handle = await open(file, 'w');
  const piece = Buffer.allocUnsafe(MIB);
  for (let at = 0; at < IMAGE_MIB; at += 1) {
    if (at % (DATA_MIB + HOLE_MIB) >= DATA_MIB) continue;
    await handle.write(randomFillSync(piece), 0, MIB, at * MIB);
  }
  await handle.truncate(IMAGE_MIB * MIB);
  await handle.close();
}

async function importOnce(sandbox: SandboxProcess, url: string, name: string): Promise<Taken> {
  const cpu = cpuSeconds(sandbox.pid);
  const from = performance.now();
  await create(sandbox, name, { http: { url } });
  const { began, ended, progress } = await follow(sandbox, name, (phase) => phase === 'ImportInProgress');
  return taken(sandbox, { cpu, from, began, ended, progress });
}

async function uploadOnce(sandbox: SandboxProcess, image: string, name: string): Promise<Taken> {
  const cpu = cpuSeconds(sandbox.pid);
  const from = performance.now();
  await create(sandbox, name, { upload: {} });
  await until(sandbox, name, (phase) => phase === 'UploadReady');
  const config = await read(sandbox, `${CDI}/cdiconfigs/config`);
  const token = await sandbox.read(
    'POST',
    `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${NS}/uploadtokenrequests`,
    {
      apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
      kind: 'UploadTokenRequest',
      metadata: { name: 'token-for-virtctl' },
      spec: { pvcName: name },
    },
  );
  const authorization = `authorization: Bearer ${JSON.parse(token.text).status.token}`;
  const where = `${config.status.uploadProxyURL}/v1beta1/upload-async`;
  await curl('--head', '--header', authorization, where);
  const began = performance.now();
  await curlPost(where, image, '--header', authorization);
  const { ended, progress } = await follow(sandbox, name, () => true);
  return taken(sandbox, { cpu, from, began, ended, progress });
}

function taken(
  sandbox: SandboxProcess,
  {
    cpu,
    from,
    began,
    ended,
    progress,
  }: { cpu: number; from: number; began: number; ended: number; progress: string[] },
): Taken {
  return {
    all: (ended - from) / 1000,
    transfer: (ended - began) / 1000,
    cpu: cpuSeconds(sandbox.pid) - cpu,
    memoryMiB: pssBytes(sandbox.pid) / MIB,
    progress,
  };
}

async function create(sandbox: SandboxProcess, name: string, source: object): Promise<void> {
  await sandbox.read('POST', VOLUMES, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name },
    spec: { source, storage: { resources: { requests: { storage: `${IMAGE_MIB}Mi` } } } },
  });
}

/** Looks at a DataVolume until it is done: when its transfer began, when it ended, and what it said meanwhile. */
async function follow(
  sandbox: SandboxProcess,
  name: string,
  hasBegun: (phase: string) => boolean,
): Promise<{ began: number; ended: number; progress: string[] }> {
  let began = 0;
  const progress: string[] = [];
  await until(sandbox, name, (phase, said) => {
    if (hasBegun(phase)) began ||= performance.now();
    if (progress.at(-1) !== said) progress.push(said);
    return phase === 'Succeeded';
  });
  return { began, ended: performance.now(), progress };
}

async function until(
  sandbox: SandboxProcess,
  name: string,
  isDone: (phase: string, progress: string) => boolean,
): Promise<void> {
  for (;;) {
    const { status = {} } = await read(sandbox, `${VOLUMES}/${name}`);
    if (status.phase === 'Failed') throw new Error(`${name} failed: ${JSON.stringify(status)}`);
    if (isDone(status.phase ?? '', status.progress ?? '')) return;
    await sleep(LOOK_MS);
  }
}

/** The claim holds the image, and the holes in it are holes. */
async function check(sandbox: SandboxProcess, name: string, sum: string): Promise<void> {
  const claim = await read(sandbox, `/api/v1/namespaces/${NS}/persistentvolumeclaims/${name}`);
  const file = path.resolve('.cache/bench', NAME, 'disks', `${claim.spec.volumeName}.img`);
  if ((await hashOf(file)) !== sum) throw new Error(`${name} holds something else`);
  const held = (statSync(file).blocks * 512) / MIB;
  if (held > IMAGE_MIB * 0.75) throw new Error(`${name} takes ${held} MiB of the disk`);
  await sandbox.read('DELETE', `${VOLUMES}/${name}`);
}

// biome-ignore lint/suspicious/noExplicitAny: objects of several kinds.
async function read(sandbox: SandboxProcess, where: string): Promise<any> {
  return JSON.parse((await sandbox.read('GET', where)).text);
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { end: IMAGE_MIB * MIB - 1 }), hash);
  return hash.digest('hex');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}
