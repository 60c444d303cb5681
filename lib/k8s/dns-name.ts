/** Limits of Kubernetes' apimachinery validation (`DNS1123SubdomainMaxLength`, `DNS1123LabelMaxLength`). */
export const SUBDOMAIN_MAX = 253;
export const LABEL_MAX = 63;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether a name has the letters of an RFC 1123 label; its length is not looked at. */
export function isDnsLabel(name: string): boolean {
  return LABEL.test(name);
}

/** Whether a name has the letters of an RFC 1123 subdomain (labels with dots between them), of any length. */
export function isDnsSubdomain(name: string): boolean {
  return SUBDOMAIN.test(name);
}
