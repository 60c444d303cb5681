/** What the operations create, each in a namespace of its own. */

export const VMS = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachines';
export const VMIS = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachineinstances';
export const CONFIG_MAPS = '/api/v1/namespaces/{ns}/configmaps';
export const PODS = '/api/v1/namespaces/{ns}/pods';
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/{ns}/deployments';

export function configMap(name: string, values: Record<string, string> = { a: 'b' }, metadata: object = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data: values };
}

export function deployment(name: string, replicas: number, image = 'nginx') {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
    },
  };
}

export function pod(name: string, container: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'nginx', ...container }] },
  };
}

export function claim(name: string, size = '1Gi') {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
  };
}

/** A kind that no cluster knows before; its names must differ from those that others define at the same time. */
export function definition(kind: string, group = 'conformance.example.com') {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: [{ name: 'Legs', type: 'integer', jsonPath: '.spec.legs' }],
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.legs', statusReplicasPath: '.status.legs' },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: { legs: { type: 'integer', minimum: 0, description: 'How many it walks on.' } },
                },
                status: { type: 'object', properties: { legs: { type: 'integer' } } },
              },
            },
          },
        },
      ],
    },
  };
}
