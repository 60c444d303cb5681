import { z } from 'zod';

/** Messages say what is expected, so that they can follow "must be": see `explainIssue` in configuration.ts. */
const text = (expected: string) => z.string({ error: expected }).min(1, expected);
const secureUrl = z.string({ error: 'an https:// address' }).refine(isSecureUrl, 'an https:// address');
const words = (expected: string) => z.array(text(expected), { error: `a list of ${expected}` });
const filePath = text('the path of a file');
const headerName = z
  .string({ error: 'the name of a header' })
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header');
/** Headers that HTTP itself and other parts of the console read; taking them for somebody's name would blind these. */
const HTTPS_OWN =
  /^(host|cookie|connection|upgrade|origin|content-.*|transfer-encoding|sec-.*|forwarded|x-forwarded-(for|proto|host))$/i;
const spokenHeader = headerName.refine(
  (name) => !HTTPS_OWN.test(name),
  "the name of a header that is not HTTP's own",
);

const common = {
  /** Stands in URLs; within a cluster every method has its own. Default: the kind, or kind-2, kind-3, … */
  id: z
    .string({ error: 'an id' })
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'an id of lower-case letters, digits and hyphens')
    .optional(),
  /** What the sign-in page calls it. */
  label: text('a label').max(60, 'a label of at most 60 characters').optional(),
};

/** Read with `readSecret` (secret.ts), at each use, so that a secret can be replaced while the console runs. */
const clientSecret = {
  clientSecretFile: filePath.optional(),
  /** The name of an environment variable. */
  clientSecretEnv: text('the name of an environment variable').optional(),
};

const trust = { caFile: filePath.optional() };

export const kubeconfigMethod = z.strictObject({ kind: z.literal('kubeconfig'), ...common });

export const tokenMethod = z.strictObject({ kind: z.literal('token'), ...common });

export const oidcMethod = z.strictObject({
  kind: z.literal('oidc'),
  ...common,
  ...clientSecret,
  ...trust,
  issuer: secureUrl,
  clientId: text('the id of a client that the provider knows'),
  scopes: words('scopes').default(['openid', 'profile', 'email', 'offline_access']),
  /** Which token the cluster takes as a bearer token. */
  token: z.enum(['id_token', 'access_token'], { error: 'id_token or access_token' }).default('id_token'),
  /** The cluster does not know the provider: the console's service account impersonates who signed in. */
  impersonate: z.boolean({ error: 'true or false' }).default(false),
  usernameClaim: text('the name of a claim').optional(),
  groupsClaim: text('the name of a claim').optional(),
  uidClaim: text('the name of a claim').optional(),
  prompt: text('a prompt such as login or select_account').optional(),
  acrValues: text('a list of acr values').optional(),
  extraParams: z
    .record(z.string(), z.string({ error: 'a text' }), { error: 'names and their values' })
    .optional(),
});

export const openshiftMethod = z.strictObject({
  kind: z.literal('openshift'),
  ...common,
  ...clientSecret,
  ...trust,
  clientId: text('the name of an OAuthClient or a service account'),
});

const cidr = z
  .union([z.cidrv4(), z.cidrv6()], { error: 'an address range such as 10.0.0.0/8' })
  .describe('an address range');

export const proxyMethod = z.strictObject({
  kind: z.literal('proxy'),
  ...common,
  /** The header that carries the token, with or without `Bearer`; with `userHeader` it is not looked at. */
  header: spokenHeader.default('Authorization'),
  /** Only connections from these addresses are believed; everybody else's headers are dropped. */
  trusted: z.array(cidr, { error: 'a list of address ranges' }).min(1, 'at least one address range'),
  /** For impersonation: who the proxy says that this is. */
  userHeader: spokenHeader.optional(),
  uidHeader: spokenHeader.optional(),
  groupsHeader: spokenHeader.optional(),
  extraHeaderPrefix: spokenHeader.optional(),
  /** Where signing out leads. */
  logoutUrl: secureUrl.optional(),
});

const anyMethod = z.discriminatedUnion(
  'kind',
  [kubeconfigMethod, tokenMethod, oidcMethod, openshiftMethod, proxyMethod],
  { error: 'kubeconfig, token, oidc, openshift or proxy' },
);

/** A list as somebody writes it: ids may be left out, and are given here. */
export const signInMethods = z
  .array(anyMethod, { error: 'a list of sign-in methods' })
  .min(1, 'a list with at least one sign-in method')
  .check((context) => {
    const ids = context.value.map(({ id }) => id).filter((id) => id !== undefined);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice === undefined) return;
    const message = `a list without two methods of the id "${twice}"`;
    context.issues.push({ code: 'custom', message, input: context.value });
  })
  .transform((methods) => withIds(methods));

/** One way to sign in to a cluster, complete with its id. */
export type SignInMethod = z.infer<typeof anyMethod> & { id: string };
export type SignInKind = SignInMethod['kind'];
export type MethodOf<Kind extends SignInKind> = Extract<SignInMethod, { kind: Kind }>;

/** The kinds that need no settings: what `--sign-in` takes. */
export const PLAIN_KINDS = ['kubeconfig', 'token'] as const;
export type PlainKind = (typeof PLAIN_KINDS)[number];

/** Methods of kinds that need no settings. */
export function plainMethods(kinds: PlainKind[]): SignInMethod[] {
  return withIds(kinds.map((kind) => ({ kind })));
}

/** Whether nobody signs in: the console acts with the kubeconfig's user. */
export function isSingleUser(methods: readonly SignInMethod[]): boolean {
  return methods.length > 0 && methods.every(({ kind }) => kind === 'kubeconfig');
}

/** Whether the console's service account acts for those who sign in this way. */
export function impersonates(method: SignInMethod): boolean {
  return method.kind === 'oidc' ? method.impersonate : method.kind === 'proxy' && !!method.userHeader;
}

function withIds(methods: z.infer<typeof anyMethod>[]): SignInMethod[] {
  const taken = new Set(methods.map(({ id }) => id));
  return methods.map((method) => {
    if (method.id) return { ...method, id: method.id };
    let id: string = method.kind;
    for (let count = 2; taken.has(id); count += 1) id = `${method.kind}-${count}`;
    taken.add(id);
    return { ...method, id };
  });
}

/** Plain HTTP only on this machine, where tests and developers run their providers. */
export function isSecureUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}
