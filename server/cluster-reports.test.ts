import { describe, expect, it } from 'vitest';
import type { Cluster } from '@/lib/auth/cluster';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { ApiError } from '@/lib/k8s/error';
import { ClusterReports } from './cluster-reports';

// Only these are looked at.
const cluster = (name: string, more: Partial<Cluster> = {}) =>
  ({ name, server: `https://${name}`, methods: plainMethods(['kubeconfig']), ...more }) as Cluster;
const directory = (clusters: Cluster[]) => ({ list: () => clusters, look: async () => undefined });

describe('ClusterReports', () => {
  it('tells of each cluster whether it answers, is silent or cannot be used', async () => {
    const clusters = [
      cluster('well'),
      cluster('mute'),
      cluster('gone'),
      cluster('odd', { problem: 'No file.' }),
      cluster('shared', { problem: 'No file.', methods: plainMethods(['token']) }),
    ];
    const reports = new ClusterReports(directory(clusters), async ({ name }) => {
      if (name === 'gone')
        throw new ApiError(502, 'Unreachable', 'Nothing answers.', { method: 'GET', path: '/' });
      return name === 'well' ? 'v1.34.1' : undefined;
    });
    expect(await reports.all()).toEqual([
      { name: 'well', state: 'answers', kubernetes: 'v1.34.1' },
      { name: 'mute', state: 'answers' },
      { name: 'gone', state: 'silent', words: 'Nothing answers.' },
      { name: 'odd', state: 'broken', words: 'No file.' },
      { name: 'shared', state: 'broken', words: expect.stringMatching(/^Its configuration has a fault/) },
    ]);
  });

  it('asks a cluster every five seconds at most, and at once at another address', async () => {
    let now = 0;
    const asked: string[] = [];
    const clusters = [cluster('a')];
    const ask = async ({ server }: Cluster) => {
      asked.push(server);
      return undefined;
    };
    const reports = new ClusterReports(directory(clusters), ask, () => now);
    await Promise.all([reports.all(), reports.all()]);
    now = 4_999;
    await reports.all();
    expect(asked).toHaveLength(1);
    clusters[0] = cluster('a', { server: 'https://b' });
    await reports.all();
    expect(asked).toEqual(['https://a', 'https://b']);
    now += 5_000;
    await reports.all();
    expect(asked).toHaveLength(3);
  });
});
