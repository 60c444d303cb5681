import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { type ApiReply, type ApiRequest, callApi } from '@/lib/k8s/request';
import { type OpenApiDocument, openApiPath, Schemas } from './openapi';

type Call = <T>(cluster: string, path: string, request?: ApiRequest) => Promise<ApiReply<T>>;

const INDEX_FRESH_MS = 60_000;

/**
 * The API descriptions of a cluster, each fetched when first asked for and kept as long as its hash in the index is
 * the same. A cluster that refuses them is asked again after a minute.
 */
export class SchemaStore {
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Map<string, { at: number; answer: Promise<Schemas | undefined> }>();
  readonly #known = new Map<string, Schemas | undefined>();
  readonly #byAddress = new Map<string, Schemas>();
  #index: { at: number; answer: Promise<unknown> } | undefined;
  #error: ApiErrorJson | undefined;
  #version = 0;

  constructor(
    readonly cluster: string,
    readonly call: Call = callApi,
    readonly now: () => number = Date.now,
  ) {}

  /** Why nothing can be said about fields; undefined as long as the cluster answers. */
  get error(): ApiErrorJson | undefined {
    return this.#error;
  }

  /** Counts up with everything that becomes known. */
  get version(): number {
    return this.#version;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The schemas as far as they are here already; `has` tells "not served" from "not asked". */
  known = (apiVersion: string): Schemas | undefined => this.#known.get(apiVersion);

  has(apiVersion: string): boolean {
    return this.#known.has(apiVersion);
  }

  /** Fetches the schemas of a group and version; undefined when the cluster describes none. Never throws. */
  load(apiVersion: string): Promise<Schemas | undefined> {
    const asked = this.#asked.get(apiVersion);
    if (asked && this.now() - asked.at < INDEX_FRESH_MS) return asked.answer;
    const answer = this.#read(apiVersion).then(
      (schemas) => this.#told(apiVersion, schemas, undefined),
      (reason) => this.#told(apiVersion, this.#known.get(apiVersion), toJson(reason)),
    );
    this.#asked.set(apiVersion, { at: this.now(), answer });
    return answer;
  }

  async #read(apiVersion: string): Promise<Schemas | undefined> {
    if (!this.#index || this.now() - this.#index.at >= INDEX_FRESH_MS) {
      const answer = this.call(this.cluster, '/openapi/v3').then(({ body }) => body);
      this.#index = { at: this.now(), answer };
    }
    const address = openApiPath(await this.#index.answer, apiVersion);
    if (address === undefined) return undefined;
    const kept = this.#byAddress.get(address);
    if (kept) return kept;
    const { body } = await this.call<OpenApiDocument>(this.cluster, address, { isLasting: true });
    const schemas = new Schemas(body ?? {});
    this.#byAddress.set(address, schemas);
    return schemas;
  }

  #told(
    apiVersion: string,
    schemas: Schemas | undefined,
    error: ApiErrorJson | undefined,
  ): Schemas | undefined {
    const isNews =
      !this.#known.has(apiVersion) || this.#known.get(apiVersion) !== schemas || this.#error !== error;
    this.#known.set(apiVersion, schemas);
    this.#error = error;
    if (isNews) {
      this.#version += 1;
      for (const listener of this.#listeners) listener();
    }
    return schemas;
  }
}

const perCluster = new Map<string, SchemaStore>();

/** The API descriptions of a cluster, shared by all editors of a page. */
export function schemaStoreOf(cluster: string): SchemaStore {
  const known = perCluster.get(cluster) ?? new SchemaStore(cluster);
  perCluster.set(cluster, known);
  return known;
}

function toJson(reason: unknown): ApiErrorJson {
  const error =
    reason instanceof ApiError
      ? reason
      : new ApiError(0, 'Unexpected', String(reason), { method: 'GET', path: '/openapi/v3' });
  return error.toJSON();
}
