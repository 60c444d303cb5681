import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What a provider keeps, in memory and within a test's reach: oidc-provider's own memory adapter cannot be looked into. */
export class ProviderStore {
  private readonly kept = new Map<string, { payload: AdapterPayload; until: number }>();

  /** For oidc-provider's `adapter`. */
  adapter(model: string): Adapter {
    const key = (id: string) => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn) => {
        const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        this.kept.set(key(id), { payload, until });
      },
      find: async (id) => this.read(key(id)),
      findByUid: async (uid) => this.all(model).find((payload) => payload.uid === uid),
      findByUserCode: async (code) => this.all(model).find((payload) => payload.userCode === code),
      consume: async (id) => {
        const payload = this.read(key(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => {
        this.kept.delete(key(id));
      },
      revokeByGrantId: async (grantId) => {
        this.remove((payload) => payload.grantId === grantId);
      },
    };
  }

  /** Everything of a model, e.g. `Session`. */
  all(model: string): AdapterPayload[] {
    const found = [...this.kept].filter(
      ([key, { until }]) => key.startsWith(`${model}:`) && until > Date.now(),
    );
    return found.map(([, { payload }]) => payload);
  }

  /** Forgets what `chosen` is true of. */
  remove(chosen: (payload: AdapterPayload) => boolean): void {
    for (const [key, { payload }] of this.kept) if (chosen(payload)) this.kept.delete(key);
  }

  private read(key: string): AdapterPayload | undefined {
    const entry = this.kept.get(key);
    return entry && entry.until > Date.now() ? entry.payload : undefined;
  }
}
