import { describe, expect, it } from 'vitest';
import type { ApiError } from './errors';
import { recordUpdate, serverSideApply, type Writer } from './field-ownership';
import { emptyObject } from './fields/empty-object';
import type { KubeObject } from './objects';
import { definition, schemaName } from './schema/definitions';
import type { Schema } from './schema/schema-type';

const pods = schemaFor('', 'Pod');
const machines = schemaFor('kubevirt.io', 'VirtualMachine');

function schemaFor(group: string, kind: string): Schema {
  return definition(schemaName(group, kind) ?? '');
}

function by(manager: string, apiVersion = 'v1', subresource?: string): Writer {
  const time = '2026-01-01T00:00:00Z';
  return { manager, apiVersion, time, ...(subresource ? { subresource } : {}) };
}

function pod(spec: object, metadata: object = {}): KubeObject {
  // As a client sends it, without what the server fills in.
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'n', ...metadata },
    spec,
  } as unknown as KubeObject;
}

function stored(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: 'u' } };
}

function entries(object: KubeObject): Record<string, unknown> {
  const list = (object.metadata.managedFields ?? []) as { manager: string; fieldsV1: unknown }[];
  return Object.fromEntries(list.map(({ manager, fieldsV1 }) => [manager, fieldsV1]));
}

function created(object: KubeObject, manager: string): KubeObject {
  const draft = structuredClone(object);
  recordUpdate(emptyObject('pods'), draft, by(manager), pods);
  return stored(draft);
}

function refusal(act: () => unknown): ApiError {
  try {
    act();
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('was accepted');
}

const web = { name: 'web', image: 'a', ports: [{ containerPort: 80 }] };

describe('what a client writes', () => {
  it('is recorded leaf by leaf, items of lists under their keys, parents that came with it with a dot', () => {
    const draft = created(
      pod({ containers: [web], nodeSelector: { a: 'b' } }, { labels: { app: 'x' }, finalizers: ['a/b'] }),
      'kubectl-create',
    );
    expect(entries(draft)['kubectl-create']).toEqual({
      'f:metadata': {
        'f:finalizers': { '.': {}, 'v:"a/b"': {} },
        'f:labels': { '.': {}, 'f:app': {} },
      },
      'f:spec': {
        'f:containers': {
          'k:{"name":"web"}': {
            '.': {},
            'f:image': {},
            'f:name': {},
            'f:ports': {
              '.': {},
              'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
            },
          },
        },
        'f:nodeSelector': {},
      },
    });
  });

  it('goes from whoever had it to whoever changes it, and from everybody when it is removed', () => {
    const before = created(pod({ containers: [web], hostname: 'h' }, { labels: { app: 'x' } }), 'one');
    const after = structuredClone(before);
    after.spec = { containers: [{ ...web, image: 'b' }] };
    recordUpdate(before, after, by('two'), pods);
    expect(entries(after)).toEqual({
      one: {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"web"}': {
              '.': {},
              'f:name': {},
              'f:ports': {
                '.': {},
                'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
              },
            },
          },
        },
      },
      two: { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } },
    });
  });

  it('leaves lists of custom resources whole, but for those that say otherwise', () => {
    const vm = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'm' },
      spec: {
        runStrategy: 'Halted',
        template: {
          spec: { domain: { devices: { disks: [{ name: 'root' }] } }, volumes: [{ name: 'root' }] },
        },
      },
    } as unknown as KubeObject;
    recordUpdate({}, vm, by('console', 'kubevirt.io/v1'), machines);
    expect(entries(vm).console).toEqual({
      'f:spec': {
        '.': {},
        'f:runStrategy': {},
        'f:template': {
          '.': {},
          'f:spec': {
            '.': {},
            'f:domain': { '.': {}, 'f:devices': { '.': {}, 'f:disks': {} } },
            'f:volumes': {},
          },
        },
      },
    });
  });

  it('is forgotten when the record is wiped with one empty entry, and an empty list wipes nothing', () => {
    const before = created(pod({ containers: [web] }), 'one');
    const same = structuredClone(before);
    recordUpdate(before, same, by('two'), pods, []);
    expect(entries(same)).toEqual(entries(before));
    recordUpdate(before, same, by('two'), pods, [{}]);
    expect(same.metadata.managedFields).toBeUndefined();
    const later = { ...structuredClone(same), spec: { containers: [] } };
    recordUpdate(same, later, by('three'), pods);
    expect(later.metadata.managedFields).toBeUndefined();
  });
});

describe('server-side apply', () => {
  const config = (image: string, more: object = {}) => pod({ containers: [{ name: 'web', image }], ...more });
  const apply = (live: KubeObject | undefined, wanted: KubeObject, manager: string, force = false) =>
    stored(serverSideApply(live, wanted, by(manager), pods, force));

  it('merges keyed lists item by item and owns just what it names', () => {
    const live = apply(undefined, config('a'), 'one');
    const next = apply(live, pod({ containers: [{ name: 'log', image: 'l' }] }), 'two');
    expect(next.spec).toEqual({
      containers: [
        { name: 'web', image: 'a' },
        { name: 'log', image: 'l' },
      ],
    });
    expect(entries(next)).toEqual({
      one: { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
      two: { 'f:spec': { 'f:containers': { 'k:{"name":"log"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
    });
  });

  it('takes away what its manager leaves out, unless another owns it, too', () => {
    const live = apply(undefined, config('a', { hostname: 'h', subdomain: 's' }), 'one');
    const shared = apply(live, pod({ subdomain: 's' }), 'two');
    const next = apply(shared, pod({}), 'one');
    expect(next.spec).toEqual({ subdomain: 's' });
    expect(entries(next)).toMatchObject({ one: { 'f:spec': {} }, two: { 'f:spec': { 'f:subdomain': {} } } });
  });

  it('names the one in the way, and every one of several', () => {
    const live = created(config('a', { hostname: 'h' }), 'kubectl-create');
    const one = refusal(() => apply(live, config('b'), 'console'));
    expect(one.message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .spec.containers[name="web"].image',
    );
    const both = refusal(() => apply(live, config('b', { hostname: 'i' }), 'console'));
    expect(both.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "kubectl-create" using v1:\n- .spec.hostname\n- .spec.containers[name="web"].image',
    );
    expect(both.status.details?.causes).toHaveLength(2);
    const forced = apply(live, config('b'), 'console', true);
    expect(entries(forced)['kubectl-create']).toEqual({
      'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {} } }, 'f:hostname': {} },
    });
  });

  it('takes an object that nobody tracked as written before', () => {
    const live = stored(config('a'));
    const refused = refusal(() => apply(live, config('b'), 'console'));
    expect(refused.message).toContain('conflict with "before-first-apply" using v1');
    expect(Object.keys(entries(apply(live, config('a'), 'console')))).toEqual([
      'console',
      'before-first-apply',
    ]);
  });

  it('lets kubectl take over what kubectl applied on the client side', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config('a')) };
    const live = created(
      { ...config('a'), metadata: { ...config('a').metadata, annotations } },
      'kubectl-client-side-apply',
    );
    const next = apply(live, config('b'), 'kubectl');
    const text = next.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '';
    expect(JSON.parse(text)).toMatchObject({ spec: { containers: [{ image: 'b' }] } });
    expect(refusal(() => apply(live, config('b'), 'console')).status.code).toBe(409);
  });

  it('refuses what the schema does not declare and items without their key', () => {
    const unknown = refusal(() => apply(undefined, config('a', { colour: 'red' }), 'one'));
    expect(unknown.status).toMatchObject({
      code: 500,
      reason: '',
      message:
        'failed to create typed patch object (n/web; v1, Kind=Pod): .spec.colour: field not declared in schema',
    });
    const nameless = refusal(() => apply(undefined, pod({ containers: [{ image: 'a' }] }), 'one'));
    expect(nameless.message).toContain(
      '.spec.containers: element 0: associative list with keys has an element',
    );
  });
});
