import { z } from 'zod';
import { isSecureUrl, signInMethods } from './sign-in-method';

const text = (expected: string) => z.string({ error: expected }).min(1, expected);
const filePath = text('the path of a file');
const positive = (expected: string) => z.number({ error: expected }).positive(expected);

/** It stands in addresses and is encoded there; `.` and `..` would be taken out of them all the same. */
const clusterName = z
  .string({ error: 'a name' })
  .regex(
    /^(?!\.{1,2}$)[^\s\p{Cc}]([^\p{Cc}]{0,198}[^\s\p{Cc}])?$/u,
    'a name of at most 200 printable characters',
  );

const apiServer = z.string({ error: 'the https:// address of an API server' }).refine((value) => {
  if (!isSecureUrl(value)) return false;
  const { search, hash, username } = new URL(value);
  return !search && !hash && !username;
}, 'the https:// address of an API server');

/** Where Kubernetes puts the token of a pod's own service account. */
export const POD_TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The service account that impersonates those who signed in, where the cluster does not know their provider. */
const impersonation = z.strictObject(
  {
    tokenFile: filePath.default(POD_TOKEN_FILE),
    /** Users and groups that begin with `system:` and may come from a provider or proxy all the same. */
    allowSystem: z
      .array(z.string().startsWith('system:', 'a name that begins with system:'), {
        error: 'a list of names',
      })
      .default([]),
    usernamePrefix: z.string({ error: 'a text' }).default(''),
    groupsPrefix: z.string({ error: 'a text' }).default(''),
  },
  { error: 'settings, or {} for the service account of the pod' },
);

/** The console's own identity for lists that viewers share; `false`: every viewer's list is read with their credentials. */
const reader = z.union(
  [
    z.literal(false),
    z
      .strictObject({
        tokenFile: filePath.optional(),
        serviceAccount: z.literal(true, { error: 'true' }).optional(),
        kubeconfig: filePath.optional(),
        context: text('the name of a context').optional(),
      })
      .superRefine(({ tokenFile, serviceAccount, kubeconfig, context: name }, context) => {
        const refuse = (message: string) =>
          context.addIssue({ code: 'custom', message, params: { sentence: true } });
        const places = [tokenFile, serviceAccount, kubeconfig].filter(Boolean);
        if (places.length !== 1)
          refuse('says one of tokenFile, serviceAccount: true and kubeconfig, and no more');
        if (name && !kubeconfig) refuse('has context, which needs kubeconfig beside it');
      }),
  ],
  { error: 'false, or one of tokenFile, serviceAccount: true and kubeconfig' },
);

export const clusterEntry = z
  .strictObject(
    {
      name: clusterName,
      server: apiServer.optional(),
      caFile: filePath.optional(),
      /** PEM, or PEM in base64 as in a kubeconfig. */
      caData: text('a certificate authority in PEM or base64').optional(),
      /** What the server's certificate is made out to, where that is not the address. */
      tlsServerName: text('the name in the certificate').optional(),
      insecureSkipTlsVerify: z.boolean({ error: 'true or false' }).default(false),
      kubeconfig: filePath.optional(),
      context: text('the name of a context').optional(),
      signIn: signInMethods.optional(),
      impersonation: impersonation.optional(),
      reader: reader.optional(),
    },
    { error: 'a cluster with its settings' },
  )
  .superRefine((entry, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message, params: { sentence: true } });
    if (!entry.server && !entry.kubeconfig) refuse('server', 'is missing: say server, or kubeconfig');
    if (entry.server && entry.kubeconfig) refuse('kubeconfig', 'cannot stand beside server: say one of them');
    if (entry.context && !entry.kubeconfig) refuse('context', 'needs kubeconfig beside it');
    if (entry.caFile && entry.caData) refuse('caData', 'cannot stand beside caFile: say one of them');
    if (entry.kubeconfig) {
      for (const key of ['caFile', 'caData', 'tlsServerName'] as const)
        if (entry[key]) refuse(key, 'cannot stand beside kubeconfig, which has its own');
      if (entry.insecureSkipTlsVerify)
        refuse('insecureSkipTlsVerify', 'cannot stand beside kubeconfig, which has its own');
    }
    if (entry.server && entry.signIn?.some(({ kind }) => kind === 'kubeconfig'))
      refuse('signIn', 'has the kind kubeconfig, which needs kubeconfig in place of server');
  });

const session = z.strictObject(
  {
    /** Without a request for this long, one signs in again. */
    idleMinutes: positive('a number of minutes').default(60),
    /** However busy: after this long, one signs in again. */
    absoluteHours: positive('a number of hours').default(12),
    /** Master keys, newest first; every replica has the same. Without it, keys last as long as the process. */
    keysFile: filePath.optional(),
  },
  { error: 'settings of the session' },
);

const publicUrl = z
  .string({ error: 'the https:// address of the console' })
  .refine(
    (value) => isSecureUrl(value) && ['', '/'].includes(new URL(value).pathname + new URL(value).search),
    {
      message: 'the https:// address of the console, without a path',
    },
  )
  .transform((value) => new URL(value).origin);

export const configurationSchema = z.strictObject(
  {
    clusters: z.array(clusterEntry, { error: 'a list of clusters' }).optional(),
    signIn: signInMethods.optional(),
    /** For the one cluster without settings of its own whose ways to sign in impersonate. */
    impersonation: impersonation.optional(),
    /** For the one cluster without a reader of its own where people sign in. */
    reader: reader.optional(),
    session: session.default({ idleMinutes: 60, absoluteHours: 12 }),
    publicUrl: publicUrl.optional(),
  },
  { error: 'settings' },
);

export type ClusterEntry = z.infer<typeof clusterEntry>;
export type SessionSettings = z.infer<typeof session>;
