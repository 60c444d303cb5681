/** A small Linux VM that boots in the sandbox and lets `fedora` / `fedora` in; `overrides` edit its spec. */
export function smallVm(namespace: string, name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: {
      runStrategy: 'Always',
      template: {
        metadata: { labels: { 'kubevirt.io/domain': name } },
        spec: {
          terminationGracePeriodSeconds: 10,
          domain: {
            devices: {
              disks: [
                { name: 'root', disk: { bus: 'virtio' } },
                { name: 'cloudinit', disk: { bus: 'virtio' } },
              ],
              interfaces: [{ name: 'default', masquerade: {} }],
            },
            memory: { guest: '256Mi' },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes: [
            { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:latest' } },
            {
              name: 'cloudinit',
              cloudInitNoCloud: {
                userData: '#cloud-config\npassword: fedora\nchpasswd: { expire: False }\n',
              },
            },
          ],
        },
      },
      ...spec,
    },
  };
}

export const VMS = (namespace: string) => `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
