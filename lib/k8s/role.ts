import { type AccessCheck, checkKey, fullResource } from './access';

const RBAC = 'rbac.authorization.k8s.io';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
/** KubeVirt serves nothing but subresources in this group, and kubectl's commands know only resources. */
const UNKNOWN_TO_KUBECTL = 'subresources.kubevirt.io';

export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** A Role, RoleBinding, ClusterRole or ClusterRoleBinding, ready to be written as YAML. */
export interface RbacObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
}

interface Grant {
  /** Undefined for the whole cluster. */
  namespace: string | undefined;
  name: string;
  rules: PolicyRule[];
}

/**
 * What would allow these checks to a user, and nothing more: a Role with its binding per namespace, a ClusterRole with
 * its binding for what is asked across the cluster. Roles alone when the user is not known. The names differ where the
 * rules do, so that applying one never takes away what another gave.
 */
export function roleFor(checks: readonly AccessCheck[], user: string | undefined): RbacObject[] {
  return grantsOf(checks).flatMap(({ namespace, name, rules }) => {
    const scope = namespace ? '' : 'Cluster';
    const place = namespace ? { namespace } : {};
    const role = {
      apiVersion: `${RBAC}/v1`,
      kind: `${scope}Role`,
      metadata: { name, ...place },
      rules,
    };
    if (!user) return [role];
    const binding = {
      apiVersion: `${RBAC}/v1`,
      kind: `${scope}RoleBinding`,
      metadata: { name: bindingName(name, user), ...place },
      roleRef: { apiGroup: RBAC, kind: `${scope}Role`, name },
      subjects: [subjectOf(user)],
    };
    return [role, binding];
  });
}

/**
 * The kubectl commands that make the same as `roleFor`; undefined when kubectl has no words for it, and the YAML has
 * to be applied instead.
 */
export function grantCommands(
  checks: readonly AccessCheck[],
  user: string | undefined,
): string[] | undefined {
  if (!user || checks.some(({ group }) => group === UNKNOWN_TO_KUBECTL)) return undefined;
  const grants = grantsOf(checks);
  // A role made by a command has one set of verbs for all its resources.
  if (grants.some(({ rules }) => rules.length > 1)) return undefined;
  return grants.flatMap(({ namespace, name, rules }) => {
    const kind = namespace ? 'role' : 'clusterrole';
    const place = namespace ? ['-n', namespace] : [];
    const made = rules.map(({ apiGroups: [group = ''], resources, resourceNames = [], verbs }) => [
      ...verbs.map((verb) => `--verb=${verb}`),
      ...resources.map((resource) => `--resource=${resourceArgument(group, resource)}`),
      ...resourceNames.map((each) => `--resource-name=${quoted(each)}`),
    ]);
    const account = SERVICE_ACCOUNT.exec(user);
    const subject = account ? `--serviceaccount=${account[1]}:${account[2]}` : `--user=${quoted(user)}`;
    return [
      ['kubectl', 'create', kind, quoted(name), ...made.flat(), ...place],
      [
        'kubectl',
        'create',
        `${kind}binding`,
        quoted(bindingName(name, user)),
        `--${kind}=${quoted(name)}`,
        subject,
        ...place,
      ],
    ].map((words) => words.join(' '));
  });
}

/** The command by which the user asks the cluster the same. */
export function checkCommand(check: AccessCheck): string {
  const { verb, group, resource, subresource, namespace, name } = check;
  if (group === UNKNOWN_TO_KUBECTL) {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    return `echo ${quoted(JSON.stringify(review))} | kubectl create --raw ${path} -f -`;
  }
  return [
    'kubectl auth can-i',
    verb,
    quoted(`${resourceArgument(group, resource)}${name ? `/${name}` : ''}`),
    ...(subresource ? [`--subresource=${subresource}`] : []),
    // Without a word about namespaces kubectl asks in the context's own, even about what has none.
    ...(namespace ? ['-n', namespace] : ['--all-namespaces']),
  ].join(' ');
}

function grantsOf(checks: readonly AccessCheck[]): Grant[] {
  const namespaces = [...new Set(checks.map(({ namespace }) => namespace))].sort((a, b) =>
    (a ?? '').localeCompare(b ?? ''),
  );
  return namespaces.map((namespace) => {
    const rules = rulesOf(checks.filter((check) => check.namespace === namespace));
    return { namespace, name: roleName(rules), rules };
  });
}

/** The fewest rules that say the same: the verbs of one resource together, then the resources with equal verbs. */
function rulesOf(checks: readonly AccessCheck[]): PolicyRule[] {
  const verbs = new Map<string, { check: AccessCheck; verbs: Set<string> }>();
  for (const check of checks) {
    const key = checkKey({ ...check, verb: '' });
    const entry = verbs.get(key) ?? { check, verbs: new Set() };
    entry.verbs.add(check.verb);
    verbs.set(key, entry);
  }
  const rules = new Map<string, PolicyRule>();
  for (const { check, verbs: wanted } of verbs.values()) {
    const sorted = [...wanted].sort();
    const key = JSON.stringify([check.group, check.name ?? '', sorted]);
    const rule = rules.get(key);
    if (rule) rule.resources.push(fullResource(check));
    else {
      rules.set(key, {
        apiGroups: [check.group],
        resources: [fullResource(check)],
        ...(check.name ? { resourceNames: [check.name] } : {}),
        verbs: sorted,
      });
    }
  }
  return [...rules.values()];
}

/** Speaks where one right is given; beyond that a digest keeps different sets of rules apart. */
function roleName(rules: readonly PolicyRule[]): string {
  const [rule] = rules;
  const isOne = rules.length === 1 && rule?.resources.length === 1 && !rule.resourceNames;
  if (!isOne) return `portlight-${digest(JSON.stringify(rules))}`;
  const group = rule.apiGroups[0];
  // The same words in another group are another right.
  const suffix = !group || /(^|\.)kubevirt\.io$/.test(group) ? '' : `-${group}`;
  return `${rule.verbs.join('-')}-${rule.resources[0]?.replaceAll('/', '-')}${suffix}`;
}

function bindingName(role: string, user: string): string {
  // Any name that is one segment of a path will do; a user may be called anything.
  const plain = user.replaceAll(/[^\w@.:-]/g, '-').slice(0, 150);
  return `${role}-${plain}${plain === user ? '' : `-${digest(user)}`}`;
}

function subjectOf(user: string): Record<string, string> {
  const account = SERVICE_ACCOUNT.exec(user);
  return account
    ? { kind: 'ServiceAccount', name: account[2] ?? '', namespace: account[1] ?? '' }
    : { apiGroup: RBAC, kind: 'User', name: user };
}

/** `virtualmachines.kubevirt.io`, and `…/status` behind it where there is a subresource. */
function resourceArgument(group: string, resource: string): string {
  const [plural, subresource] = resource.split('/', 2);
  return `${plural}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
}

/** For a POSIX shell; plain words stay as they are. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** FNV-1a, 32 bits: it tells names apart and protects nothing. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
