import { describe, expect, it } from 'vitest';
import { Registry } from '../custom/registry';
import { RESOURCES } from '../resources';
import { createOpenApi } from './openapi';

interface Document {
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

const registry = new Registry(RESOURCES);
// Aggregated resources are served from the moment that their APIService is there.
for (const name of new Set(RESOURCES.flatMap(({ aggregatedBy }) => aggregatedBy ?? []))) {
  const metadata = { name, uid: '', resourceVersion: '', creationTimestamp: '' };
  const object = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata };
  registry.follow({ type: 'ADDED', resource: 'apiservices.apiregistration.k8s.io', object, revision: 1 });
}
const openApi = createOpenApi(registry);
const read = (path: string): Document => JSON.parse(openApi.document(path)?.text ?? 'null');

describe('the OpenAPI documents', () => {
  it('are listed with a hash that names their content', () => {
    const { paths } = JSON.parse(openApi.index());
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['api/v1', 'apis/kubevirt.io/v1', 'apis/kubevirt.io/v1alpha3']),
    );
    expect(paths['api/v1'].serverRelativeURL).toMatch(/^\/openapi\/v3\/api\/v1\?hash=[\dA-F]{128}$/);
  });

  it('cover every resource that is served', () => {
    for (const { group, version, plural, kind } of RESOURCES) {
      const { paths, components } = read(group ? `apis/${group}/${version}` : `api/${version}`);
      expect(Object.keys(paths).some((path) => path.endsWith(`/${plural}`))).toBe(true);
      const kinds = Object.values(components.schemas).flatMap(
        (schema) => schema['x-kubernetes-group-version-kind'] ?? [],
      );
      expect(kinds).toContainEqual({ group, version, kind });
    }
  });

  it('point only to schemas that they hold', () => {
    for (const path of Object.keys(JSON.parse(openApi.index()).paths)) {
      const text = openApi.document(path)?.text ?? '';
      const { components } = JSON.parse(text);
      const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
      expect(names.filter((name) => name && !components.schemas[name])).toEqual([]);
    }
  });

  it('tell kubectl that PATCH takes dryRun and fieldValidation', () => {
    const { paths } = read('apis/kubevirt.io/v1');
    const { patch } = paths['/apis/kubevirt.io/v1/namespaces/{namespace}/virtualmachines/{name}'] ?? {};
    expect(patch?.['x-kubernetes-group-version-kind']).toEqual({
      group: 'kubevirt.io',
      version: 'v1',
      kind: 'VirtualMachine',
    });
    const parameters = patch?.parameters as { name: string; in: string }[];
    expect(parameters.filter((one) => one.in === 'query').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['dryRun', 'fieldValidation', 'fieldManager', 'force']),
    );
  });

  it('have no document where there is no group', () => {
    expect(openApi.document('apis/nope/v1')).toBeUndefined();
  });
});
