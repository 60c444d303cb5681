import type { MessageKey } from '@/lib/text';

/** A manifest to start from. */
export interface Example {
  id: string;
  title: MessageKey;
  description: MessageKey;
  yaml: string;
}

const FEDORA = 'quay.io/containerdisks/fedora:latest';

/** Small, complete and different in one thing each; none names a namespace. */
export const EXAMPLES: readonly Example[] = [
  {
    id: 'password',
    title: 'yaml.example.password',
    description: 'yaml.example.passwordBody',
    yaml: `# A small Linux VM. Log in on its serial console as fedora / fedora.
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: fedora-small
spec:
  runStrategy: Always
  template:
    metadata:
      labels:
        kubevirt.io/domain: fedora-small
    spec:
      domain:
        cpu:
          cores: 1
        memory:
          guest: 1Gi
        devices:
          disks:
          - name: root
            disk:
              bus: virtio
          - name: cloudinit
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
          rng: {}
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: ${FEDORA}
      - name: cloudinit
        cloudInitNoCloud:
          userData: |
            #cloud-config
            hostname: fedora-small
            user: fedora
            password: fedora
            chpasswd: { expire: false }
`,
  },
  {
    id: 'ssh',
    title: 'yaml.example.ssh',
    description: 'yaml.example.sshBody',
    yaml: `# A VM for SSH: put your own public key in. Commands under runcmd run once, at the first boot.
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: fedora-ssh
  labels:
    app: fedora-ssh
spec:
  runStrategy: Always
  template:
    metadata:
      labels:
        app: fedora-ssh
    spec:
      domain:
        cpu:
          cores: 2
        memory:
          guest: 2Gi
        devices:
          disks:
          - name: root
            disk:
              bus: virtio
          - name: cloudinit
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
            ports:
            - name: ssh
              port: 22
          rng: {}
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: ${FEDORA}
      - name: cloudinit
        cloudInitNoCloud:
          userData: |
            #cloud-config
            hostname: fedora-ssh
            user: fedora
            ssh_authorized_keys:
            - ssh-ed25519 AAAA... you@example.com
            packages:
            - qemu-guest-agent
            runcmd:
            - [systemctl, enable, --now, qemu-guest-agent]
`,
  },
  {
    id: 'data-disk',
    title: 'yaml.example.dataDisk',
    description: 'yaml.example.dataDiskBody',
    yaml: `# Two documents: a volume of 5 GiB from the default storage class, and a VM that has it as its second disk.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: fedora-data
spec:
  accessModes:
  - ReadWriteOnce
  resources:
    requests:
      storage: 5Gi
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: fedora-with-data
spec:
  runStrategy: Always
  template:
    metadata:
      labels:
        kubevirt.io/domain: fedora-with-data
    spec:
      domain:
        cpu:
          cores: 1
        memory:
          guest: 1Gi
        devices:
          disks:
          - name: root
            disk:
              bus: virtio
          - name: data
            serial: data
            disk:
              bus: virtio
          - name: cloudinit
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
          rng: {}
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: ${FEDORA}
      - name: data
        persistentVolumeClaim:
          claimName: fedora-data
      - name: cloudinit
        cloudInitNoCloud:
          userData: |
            #cloud-config
            user: fedora
            password: fedora
            chpasswd: { expire: false }
            fs_setup:
            - device: /dev/disk/by-id/virtio-data
              filesystem: ext4
              label: data
            mounts:
            - [LABEL=data, /data]
`,
  },
  {
    id: 'two-networks',
    title: 'yaml.example.twoNetworks',
    description: 'yaml.example.twoNetworksBody',
    yaml: `# Stopped until it is started. Its second interface needs a NetworkAttachmentDefinition named lan in its namespace.
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: fedora-two-networks
spec:
  runStrategy: Halted
  template:
    metadata:
      labels:
        kubevirt.io/domain: fedora-two-networks
    spec:
      domain:
        cpu:
          cores: 2
        memory:
          guest: 2Gi
        devices:
          disks:
          - name: root
            bootOrder: 1
            disk:
              bus: virtio
          - name: cloudinit
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
          - name: lan
            bridge: {}
          rng: {}
      networks:
      - name: default
        pod: {}
      - name: lan
        multus:
          networkName: lan
      volumes:
      - name: root
        containerDisk:
          image: ${FEDORA}
      - name: cloudinit
        cloudInitNoCloud:
          networkData: |
            version: 2
            ethernets:
              enp1s0:
                dhcp4: true
              enp2s0:
                addresses: [192.168.50.10/24]
          userData: |
            #cloud-config
            user: fedora
            password: fedora
            chpasswd: { expire: false }
`,
  },
  {
    id: 'namespace',
    title: 'yaml.example.namespace',
    description: 'yaml.example.namespaceBody',
    yaml: `# A namespace of its own, a Secret with the user data, and a VM that reads it.
apiVersion: v1
kind: Namespace
metadata:
  name: demo
---
apiVersion: v1
kind: Secret
metadata:
  name: fedora-user-data
  namespace: demo
stringData:
  userdata: |
    #cloud-config
    user: fedora
    password: fedora
    chpasswd: { expire: false }
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: fedora-demo
  namespace: demo
spec:
  runStrategy: Always
  template:
    metadata:
      labels:
        kubevirt.io/domain: fedora-demo
    spec:
      domain:
        cpu:
          cores: 1
        memory:
          guest: 1Gi
        devices:
          disks:
          - name: root
            disk:
              bus: virtio
          - name: cloudinit
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
          rng: {}
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: ${FEDORA}
      - name: cloudinit
        cloudInitNoCloud:
          secretRef:
            name: fedora-user-data
`,
  },
];
