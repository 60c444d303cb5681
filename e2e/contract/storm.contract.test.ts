import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '@/bench/api/access';
import { ApiServer } from '@/bench/api/api-server';
import { Control } from '@/bench/api/control';
import { Estate } from '@/bench/api/estate';
import { writeKubeconfig } from '@/bench/support/api-process';
import { runStorm } from '@/bench/support/storm';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { PortlightServer } from '@/server/portlight-server';

const SEED = 11;
const SECONDS = 40;

/** The short form of `bench/inventory-storm.bench.ts`, with everything in one process. */
describe('a storm', { timeout: 180_000 }, () => {
  const estate = new Estate({ seed: SEED, vms: 1_000, serialise: 'fresh' });
  const users = [{ name: 'bench-admin', token: 'bench-admin-token', namespaces: '*' as const }];
  const api = new ApiServer(estate, new Access(users));
  const control = new Control(api, SEED);
  const directory = mkdtempSync(path.join(tmpdir(), 'portlight-storm-'));
  let server: PortlightServer;
  let url: string;

  beforeAll(async () => {
    await api.listen();
    const ready = { url: api.url, control: '', namespaces: estate.namespaces, users };
    const kubeconfig = writeKubeconfig(path.join(directory, 'kubeconfig'), ready, 'bench-admin');
    server = new PortlightServer({
      directory: await ClusterDirectory.open({ kind: 'kubeconfig', files: [kubeconfig] }),
      hosts: { names: [], remote: false },
    });
    url = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
  });

  afterAll(async () => {
    control.close();
    await server.close(500);
    await api.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('leaves no viewer with a row that the API does not have', async () => {
    control.generator.start({ rate: 300, mix: 'storm' });
    const result = await runStorm({
      api: { url: api.url, users },
      faults: {
        drop: async () => api.watches.drop(),
        expire: async () => api.watches.expireAll(),
        restart: (ms) => api.restart(ms),
      },
      calm: async () => control.generator.stop(),
      ...{ url, seconds: SECONDS, viewers: 18, seed: SEED },
    });
    expect(result.stale).toEqual([]);
    // A storm in which nothing happened proves nothing.
    expect(control.generator.made).toBeGreaterThan(SECONDS * 100);
    const { drops, expiries, restarts, moves, holds, slowReads, lostSockets } = result;
    for (const times of [drops, expiries, restarts, moves, holds, slowReads, lostSockets]) {
      expect(times).toBeGreaterThan(0);
    }
    expect(result.messages).toBeGreaterThan(1_000);
    expect(result.vms).toBe(estate.size);
  });
});
