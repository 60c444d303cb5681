import assert from 'node:assert/strict';
import path from 'node:path';
import {
  ApiException,
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  type PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { TestSandbox } from '../../testing';

/** `sandbox` is the administrator. */
type Context = 'sandbox' | 'sandbox-dana' | 'sandbox-vic';
/** What `KubeConfig.makeApiClient` and its kin take. */
type ApiOf<T> = Parameters<typeof KubeConfig.prototype.makeApiClient>[0] & (new (configuration: never) => T);

/** The typed clients that most operations want, as one person. */
export class Apis {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly custom: CustomObjectsApi;
  readonly objects: KubernetesObjectApi;
  readonly access: AuthorizationV1Api;
  readonly identity: AuthenticationV1Api;
  readonly rbac: RbacAuthorizationV1Api;

  constructor(readonly config: KubeConfig) {
    this.core = config.makeApiClient(CoreV1Api);
    this.apps = config.makeApiClient(AppsV1Api);
    this.custom = config.makeApiClient(CustomObjectsApi);
    this.objects = KubernetesObjectApi.makeApiClient(config);
    this.access = config.makeApiClient(AuthorizationV1Api);
    this.identity = config.makeApiClient(AuthenticationV1Api);
    this.rbac = config.makeApiClient(RbacAuthorizationV1Api);
  }
}

/** The library with the sandbox's kubeconfig, in a namespace of its own. */
export class NodeClient extends Apis {
  private constructor(
    readonly sandbox: TestSandbox,
    readonly namespace: string,
  ) {
    super(configOf(sandbox));
  }

  static async in(namespace: string, sandbox: TestSandbox): Promise<NodeClient> {
    const client = new NodeClient(sandbox, namespace);
    await client.core.createNamespace({ body: { metadata: { name: namespace } } });
    return client;
  }

  /** A person of the kubeconfig. */
  as(context: Context): Apis {
    const config = configOf(this.sandbox);
    config.setCurrentContext(context);
    return new Apis(config);
  }

  /** Whoever holds the token. */
  withToken(token: string): Apis {
    const config = new KubeConfig();
    const [cluster] = this.config.clusters;
    assert.ok(cluster);
    config.loadFromClusterAndUser(cluster, { name: 'holder', token });
    return new Apis(config);
  }

  /** The administrator, known by the kubeconfig's certificate alone. */
  byCertificate(): Apis {
    const config = new KubeConfig();
    const cluster = this.config.getCurrentCluster();
    const { name, certData, keyData } = this.config.getCurrentUser() ?? {};
    assert.ok(cluster && name && certData && keyData);
    config.loadFromClusterAndUser(cluster, { name, certData, keyData });
    return new Apis(config);
  }

  /** A typed client beyond those at hand. */
  api<T>(type: ApiOf<T>): T {
    // `makeApiClient` is generic over a type that the library doesn't export.
    return this.config.makeApiClient(type) as T;
  }
}

/** The option that sends a patch as this content type; the library's default is a JSON patch. */
export const asPatch = (strategy: (typeof PatchStrategy)[keyof typeof PatchStrategy]) =>
  setHeaderOptions('Content-Type', strategy);

/** The status with which the call is refused; `message` must fit it. */
// biome-ignore lint/suspicious/noExplicitAny: a Status or what the operation looks for in it.
export async function refused(call: Promise<unknown>, code: number, message = /(?:)/): Promise<any> {
  const error = await call.then(
    () => assert.fail('was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApiException, String(error));
  assert.equal(error.code, code, String(error.body));
  // The typed clients parse a body whose answer they know and leave the others as text.
  const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
  // Of a 401 the library keeps no body.
  assert.match(status?.message ?? error.message, message);
  return status;
}

function configOf({ directory }: TestSandbox): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path.join(directory, 'kubeconfig'));
  return config;
}
