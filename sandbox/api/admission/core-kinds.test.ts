import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects';
import { admit, emptyCluster, object, refusal } from './testing';

const claim = (spec: object = {}) =>
  object('PersistentVolumeClaim', {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  });
const pod = (spec: object = {}) =>
  object('Pod', { containers: [{ name: 'web', image: 'nginx:1' }], ...spec });
const service = (spec: object = {}) => object('Service', { ports: [{ port: 80 }], ...spec });
const workload = (
  kind: string,
  spec: object = {},
  containers: object[] = [{ name: 'web', image: 'nginx:1' }],
) =>
  object(kind, {
    ...(kind === 'Deployment' ? { selector: { matchLabels: { app: 'web' } } } : {}),
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers, ...(kind === 'Job' ? { restartPolicy: 'Never' } : {}) },
    },
    ...spec,
  });
const data = (kind: string, fields: object): KubeObject => ({ ...object(kind, undefined), ...fields });

const linesOf = (target: KubeObject, oldObject?: KubeObject) =>
  refusal(target, oldObject ? { oldObject } : {})?.details?.causes?.map(
    ({ field, message }) => `${field}: ${message}`,
  );

describe('built-in kinds', () => {
  it.each([
    ['a claim', claim()],
    ['a pod', pod()],
    ['a service', service()],
    ['a headless service without ports', service({ ports: undefined, clusterIP: 'None' })],
    ['a secret', data('Secret', { data: { user: 'ZWRpdGg=' } })],
    ['a deployment', workload('Deployment')],
    ['a job without a selector', workload('Job')],
    ['a config map', data('ConfigMap', { data: { 'a.conf': 'x' } })],
  ])('are admitted: %s', (_what, target) => {
    expect(refusal(target)).toBeUndefined();
  });

  it.each<[string, KubeObject, string[]]>([
    [
      'a deployment whose pods have no image',
      workload('Deployment', {}, [{ name: 'web' }]),
      ['spec.template.spec.containers[0].image: Required value'],
    ],
    [
      'a deployment whose selector passes its pods by',
      workload('Deployment', { selector: { matchLabels: { app: 'db' } } }),
      [
        'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'fewer replicas than none',
      workload('Deployment', { replicas: -1 }),
      ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'a job that never ends',
      workload('Job', { template: { spec: { containers: [{ name: 'web', image: 'nginx:1' }] } } }),
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Always": supported values: "OnFailure", "Never"',
      ],
    ],
    [
      'no access mode',
      claim({ accessModes: [] }),
      ['spec.accessModes: Required value: at least 1 access mode is required'],
    ],
    [
      'an unknown access mode',
      claim({ accessModes: ['Sometimes'] }),
      [
        'spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    ['no size', claim({ resources: {} }), ['spec.resources[storage]: Required value']],
    [
      'a size of 0',
      claim({ resources: { requests: { storage: '0' } } }),
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      'a token of nobody',
      data('Secret', { type: 'kubernetes.io/service-account-token' }),
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    ['no containers', pod({ containers: [] }), ['spec.containers: Required value']],
    [
      'nameless containers',
      pod({ containers: [{}] }),
      ['spec.containers[0].name: Required value', 'spec.containers[0].image: Required value'],
    ],
    [
      'containers of one name',
      pod({
        containers: [
          { name: 'a', image: 'x' },
          { name: 'a', image: 'y' },
        ],
      }),
      ['spec.containers[1].name: Duplicate value: "a"'],
    ],
    [
      'a mount of a missing volume',
      pod({ containers: [{ name: 'a', image: 'x', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }),
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      'an unknown restart policy',
      pod({ restartPolicy: 'Maybe' }),
      ['spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"'],
    ],
    ['no ports', service({ ports: [] }), ['spec.ports: Required value']],
    [
      'a port out of range',
      service({ ports: [{ port: 70000 }] }),
      ['spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'two nameless ports',
      service({ ports: [{ port: 1 }, { port: 2 }] }),
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'a key that is no file name',
      data('Secret', { data: { 'my key': 'eA==' } }),
      [
        "data[my key]: Invalid value: \"my key\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ],
    ],
    [
      'more data than fits',
      data('ConfigMap', { data: { big: 'x'.repeat(1024 * 1024 + 1) } }),
      [': Too long: may not be more than 1048576 bytes'],
    ],
  ])('are refused for %s', (_what, target, lines) => {
    expect(linesOf(target)).toEqual(lines);
  });

  it('are refused as Kubernetes words it', () => {
    expect(refusal(claim({ accessModes: [], resources: {} }))).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message:
        'PersistentVolumeClaim "web" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]',
      details: { name: 'web', kind: 'PersistentVolumeClaim' },
    });
  });

  it('keep what is fixed', () => {
    expect(linesOf(claim({ storageClassName: 'fast' }), claim())).toEqual([
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    ]);
    expect(linesOf(pod({ nodeName: 'node-2' }), pod({ nodeName: 'node-1' }))?.[0]).toMatch(
      /^spec: Forbidden: pod updates may not change fields other than/,
    );
    expect(linesOf(pod({ containers: [{ name: 'web', image: 'nginx:2' }] }), pod())).toBeUndefined();
    expect(linesOf(data('Secret', { type: 'b' }), data('Secret', { type: 'a' }))).toEqual([
      'type: Invalid value: "b": field is immutable',
    ]);
    expect(linesOf(claim({ resources: { requests: { storage: '512Mi' } } }), claim())).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
  });
});

describe('growing a claim', () => {
  const bound = { ...claim({ storageClassName: 'fast', volumeName: 'pv-1' }), status: { phase: 'Bound' } };
  const bigger = claim({
    storageClassName: 'fast',
    volumeName: 'pv-1',
    resources: { requests: { storage: '2Gi' } },
  });

  it('needs a storage class that allows it', () => {
    expect(refusal(structuredClone(bigger), { oldObject: bound })).toMatchObject({
      code: 403,
      message:
        'persistentvolumeclaims "web" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    });
    const cluster = emptyCluster();
    cluster.create('storageclasses.storage.k8s.io', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast' },
      provisioner: 'x',
      allowVolumeExpansion: true,
    });
    expect(refusal(structuredClone(bigger), { oldObject: bound }, cluster)).toBeUndefined();
  });
});

describe('decoding built-in kinds', () => {
  const decoding = (kind: string, why: string) =>
    `${kind} in version "v1" cannot be handled as a ${kind}: ${why}`;

  it.each([
    [
      data('Secret', { data: { a: 'not base64!' } }),
      decoding('Secret', 'illegal base64 data at input byte 3'),
    ],
    [data('Secret', { data: { a: 'abc' } }), decoding('Secret', 'illegal base64 data at input byte 0')],
    [
      pod({ terminationGracePeriodSeconds: 'soon' }),
      decoding(
        'Pod',
        'json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
      ),
    ],
    [
      pod({ containers: [{ name: 'a', image: 'x', env: [{ name: 'N', value: 1 }] }] }),
      decoding(
        'Pod',
        'json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
      ),
    ],
    [
      data('ConfigMap', { data: { a: 1 } }),
      decoding(
        'ConfigMap',
        'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
      ),
    ],
    [
      claim({ resources: { requests: { storage: 'big' } } }),
      decoding(
        'PersistentVolumeClaim',
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      ),
    ],
  ])('says what Go says (%#)', (target, message) => {
    expect(refusal(target)).toMatchObject({ code: 400, reason: 'BadRequest', message });
  });

  it('gives quantities back in canonical spelling', () => {
    const target = claim({ resources: { requests: { storage: '2048Mi' } } });
    admit(target);
    expect(target.spec).toMatchObject({ resources: { requests: { storage: '2Gi' } } });
  });

  it('names unknown fields with their place in lists', () => {
    const target = pod({ containers: [{ name: 'a', image: 'x', colour: 'red' }] });
    expect(admit(target)).toEqual(['unknown field "spec.containers[0].colour"']);
  });
});
