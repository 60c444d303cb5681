import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenApi } from './schema/openapi';
import { createCluster } from './store';
import { startTestApi, type TestApi } from './testing/test-api';

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

let api: TestApi;
beforeAll(async () => {
  const cluster = createCluster({ directory: undefined });
  api = await startTestApi({ cluster, openapi: createOpenApi(cluster.registry) });
});
afterAll(() => api.close());

describe('OpenAPI v3', () => {
  const where = async (path: string): Promise<string> =>
    JSON.parse((await api.ask('GET', '/openapi/v3')).text).paths[path]?.serverRelativeURL;

  it('may be kept for ever under its hash, and asked for anew at no cost', async () => {
    const url = await where('apis/kubevirt.io/v1');
    const answer = await api.ask('GET', url);
    expect(answer.body.components.schemas).toHaveProperty(['io.kubevirt.v1.VirtualMachine']);
    expect(answer.headers.get('cache-control')).toBe('public, immutable');
    const etag = answer.headers.get('etag') ?? '';
    expect(url).toContain(etag.replaceAll('"', ''));
    const again = await api.ask('GET', url, { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await api.ask('GET', '/openapi/v3/apis/nope/v1')).status).toBe(404);
  });

  it('follows the definitions', async () => {
    const before = await where('apis/kubevirt.io/v1');
    await api.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'things.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Cluster',
          names: { plural: 'things', kind: 'Thing' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: { size: { type: 'integer', description: 'How big.' } },
                },
              },
            },
          ],
        },
      },
    });
    const { body } = await api.ask('GET', await where('apis/example.com/v1'));
    expect(body.components.schemas['com.example.v1.Thing']).toMatchObject({
      properties: { size: { type: 'integer', description: 'How big.' } },
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Thing' }],
    });
    expect(Object.keys(body.paths)).toEqual([
      '/apis/example.com/v1/things',
      '/apis/example.com/v1/things/{name}',
    ]);
    expect(await where('apis/kubevirt.io/v1')).toBe(before);
    await api.ask('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com');
    expect(await where('apis/example.com/v1')).toBeUndefined();
  });
});

describe('OpenAPI v2', () => {
  it('comes as JSON and as protobuf, and need not come twice', async () => {
    const json = await api.ask('GET', '/openapi/v2', { headers: { accept: 'application/json' } });
    expect(json.body).toMatchObject({ swagger: '2.0' });
    expect(json.body.definitions).toHaveProperty(['io.k8s.api.core.v1.Pod']);
    const bytes = await api.ask('GET', '/openapi/v2', { headers: { accept: PROTOBUF } });
    expect(bytes.headers.get('content-type')).toBe(
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    );
    expect(bytes.text).toContain('io.kubevirt.v1.VirtualMachine');
    const etag = json.headers.get('etag') ?? '';
    expect((await api.ask('GET', '/openapi/v2', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await api.ask('GET', '/openapi/v2', { headers: { accept: 'text/html' } })).status).toBe(406);
  });
});
