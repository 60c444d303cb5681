import type { Cluster } from '@/lib/auth/cluster';
import { OidcClient } from '@/lib/auth/oidc-client';
import { OpenShiftClient } from '@/lib/auth/openshift-client';
import type { MethodOf } from '@/lib/auth/sign-in-method';

/** More than this many have been replaced by configurations that were read since. */
const MAX_CLIENTS = 100;

/** One client for each provider as it is configured: what it published is then read once. */
export class ProviderClients {
  private readonly clients = new Map<string, OidcClient | OpenShiftClient>();

  oidc(method: MethodOf<'oidc'>): OidcClient {
    const { id, label, ...settings } = method;
    return this.find(JSON.stringify(settings), () => new OidcClient(method)) as OidcClient;
  }

  openShift(method: MethodOf<'openshift'>, cluster: Cluster): OpenShiftClient {
    const key = JSON.stringify([cluster.name, cluster.server, method]);
    return this.find(key, () => new OpenShiftClient(method, cluster)) as OpenShiftClient;
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
    this.clients.clear();
  }

  private find(key: string, make: () => OidcClient | OpenShiftClient): OidcClient | OpenShiftClient {
    const client = this.clients.get(key) ?? make();
    this.clients.delete(key);
    this.clients.set(key, client);
    if (this.clients.size > MAX_CLIENTS) {
      const [oldest] = this.clients.keys();
      void this.clients.get(oldest ?? '')?.close();
      this.clients.delete(oldest ?? '');
    }
    return client;
  }
}
