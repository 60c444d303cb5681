import type { UserInfo } from '../admission';

const COMPONENTS = ['kubevirt-apiserver', 'kubevirt-controller', 'kubevirt-handler', 'kubevirt-operator'];

/** Whether a write comes from one of KubeVirt's own service accounts, which may do what users may not. */
export function isKubeVirt({ username }: UserInfo): boolean {
  const [kind, what, , name = ''] = username.split(':');
  return kind === 'system' && what === 'serviceaccount' && COMPONENTS.includes(name);
}
