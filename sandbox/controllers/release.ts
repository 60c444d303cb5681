/** The releases this cluster says it runs. One place, so that nodes, pods, the KubeVirt object and virt-api agree. */
export const KUBEVIRT_VERSION = 'v1.9.0';
export const KUBERNETES_VERSION = 'v1.34.2';
export const KUBEVIRT_REGISTRY = 'quay.io/kubevirt';
export const LAUNCHER_IMAGE = `${KUBEVIRT_REGISTRY}/virt-launcher:${KUBEVIRT_VERSION}`;
/** virt-launcher runs QEMU under this user id. */
export const QEMU_USER = 107;
/** What q35 means to this release's libvirt. */
export const Q35_MACHINE = 'pc-q35-rhel9.6.0';
