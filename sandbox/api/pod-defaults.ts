type Fields = Record<string, unknown>;

/**
 * The defaults of a pod's spec, alone or in a template (SetDefaults_PodSpec and SetDefaults_Container). Edits `spec`.
 */
export function defaultPodSpec(spec: Fields): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.schedulerName ??= 'default-scheduler';
  spec.securityContext ??= {};
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const container of [...listOf(spec.containers), ...listOf(spec.initContainers)]) {
    defaultContainer(container);
  }
  for (const volume of listOf(spec.volumes)) defaultVolume(volume);
}

function defaultContainer(container: Fields): void {
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= isLatest(container.image) ? 'Always' : 'IfNotPresent';
  container.resources ??= {};
  for (const port of listOf(container.ports)) port.protocol ??= 'TCP';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (isFields(probe)) defaultProbe(probe);
  }
}

/** In a pod, unlike in a template, a limit without a request is one (SetDefaults_Pod). Edits `spec`. */
export function requestLimits(spec: Fields): void {
  for (const container of [...listOf(spec.containers), ...listOf(spec.initContainers)]) {
    defaultRequests(container.resources);
  }
}

function defaultRequests(resources: unknown): void {
  if (!isFields(resources) || !isFields(resources.limits)) return;
  const requests = isFields(resources.requests) ? resources.requests : {};
  resources.requests = { ...resources.limits, ...requests };
}

function defaultProbe(probe: Fields): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (isFields(probe.httpGet)) {
    probe.httpGet.path ??= '/';
    probe.httpGet.scheme ??= 'HTTP';
  }
}

function defaultVolume(volume: Fields): void {
  for (const source of [volume.secret, volume.configMap, volume.projected, volume.downwardAPI]) {
    if (isFields(source)) source.defaultMode ??= 420;
  }
  const isEmpty = Object.keys(volume).every((field) => field === 'name');
  if (isEmpty) volume.emptyDir = {};
}

function isLatest(image: unknown): boolean {
  const text = String(image ?? '');
  if (text.includes('@')) return false;
  const tag = text.slice(text.lastIndexOf('/') + 1).split(':')[1];
  return tag === undefined || tag === 'latest';
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

interface Container {
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}

/** The pod's quality of service (ComputePodQOS): Guaranteed, Burstable or BestEffort. */
export function qosClass(spec: { containers?: Container[]; initContainers?: Container[] }): string {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const amounts = (field: 'requests' | 'limits', { resources }: Container) =>
    Object.entries(resources?.[field] ?? {}).filter(([name]) => name === 'cpu' || name === 'memory');
  if (all.every((one) => amounts('requests', one).length + amounts('limits', one).length === 0)) {
    return 'BestEffort';
  }
  const guaranteed = all.every((one) => {
    const requests = one.resources?.requests ?? {};
    const limits = amounts('limits', one);
    return limits.length === 2 && limits.every(([name, limit]) => (requests[name] ?? limit) === limit);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
