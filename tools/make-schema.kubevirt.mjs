// Schemas of KubeVirt's, CDI's and the templates' kinds, from the declarations of @kubevirt-ui-ext/kubevirt-api. They are plain
// interfaces: what TypeScript cannot say (integers, quantities, unsigned numbers) is added here.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { addKubernetes, QUANTITY } from './make-schema.kubernetes.mjs';
import { commentOf, described, root } from './make-schema.shared.mjs';

const models = path.join(root, 'node_modules/@kubernetes/client-node/dist/gen/models');
/** The generator puts the description of Quantity in place of the field's own. */
const QUANTITY_TEXT = /^Quantity is a fixed-point representation/;
const INT_OR_STRING_TEXT = /^IntOrString is a type/;
const TIME_TEXT = /^Time is a wrapper around/;
/** Maps whose values are quantities. */
const QUANTITY_MAPS = new Set(['requests', 'limits', 'capacity', 'allocatedResources', 'hard']);
const FORMATS = {
  'V1CPU.cores': 'uint32',
  'V1CPU.sockets': 'uint32',
  'V1CPU.threads': 'uint32',
  'V1CPU.maxSockets': 'uint32',
  'V1CPUTopology.cores': 'uint32',
  'V1CPUTopology.sockets': 'uint32',
  'V1CPUTopology.threads': 'uint32',
  'V1Disk.bootOrder': 'uint',
  'V1Interface.bootOrder': 'uint',
  'V1CustomBlockSize.logical': 'uint',
  'V1CustomBlockSize.physical': 'uint',
  'V1DiskIOThreads.supplementalPoolThreadCount': 'uint32',
  'V1FeatureSpinlocks.spinlocks': 'uint32',
  'V1LiveUpdateConfiguration.maxCpuSockets': 'uint32',
  'V1MigrationConfiguration.parallelMigrationsPerCluster': 'uint32',
  'V1MigrationConfiguration.parallelOutboundMigrationsPerNode': 'uint32',
  'V1Port.port': 'int32',
  'V1beta1CPUInstancetype.guest': 'uint32',
  'V1beta1CPUInstancetype.maxSockets': 'uint32',
  'V1beta1CPUPreferenceRequirement.guest': 'uint32',
};
/** Fields of 32 bits, by the type that has them. */
const INT32 = {
  V1beta1CDIConfigSpec: ['dataVolumeTTLSeconds', 'logVerbosity'],
  V1beta1ComponentConfig: ['apiServerReplicas', 'deploymentReplicas', 'uploadProxyReplicas'],
  V1beta1DataImportCronSpec: ['importsToKeep'],
  V1beta1DataVolumeStatus: ['restartCount'],
  V1beta1SpreadOptions: ['ratio'],
  V1beta1VirtualMachinePreferenceSpec: ['preferSpreadSocketToCoreRatio'],
  V1KubeVirtConfiguration: ['memBalloonStatsPeriod'],
  V1LiveUpdateConfiguration: ['maxHotplugRatio'],
  V1Probe: ['failureThreshold', 'initialDelaySeconds', 'periodSeconds', 'successThreshold', 'timeoutSeconds'],
  V1VirtualMachineInstanceNetworkInterface: ['queueCount'],
  V1VirtualMachineInstanceReplicaSetSpec: ['replicas'],
  V1VirtualMachineInstanceReplicaSetStatus: ['replicas', 'readyReplicas'],
  V1beta1VirtualMachinePoolAutohealingStrategy: ['startUpFailureThreshold'],
  V1beta1VirtualMachinePoolSpec: ['replicas'],
  V1beta1VirtualMachinePoolStatus: ['replicas', 'readyReplicas'],
};
/** Fields that the generator gives another first letter. */
const RENAMED = {
  'V1beta1ImportProxy.hTTPProxy': 'HTTPProxy',
  'V1beta1ImportProxy.hTTPSProxy': 'HTTPSProxy',
  'V1beta1ImportStatus.dataVolumeName': 'DataVolumeName',
  'V1beta1ImportStatus.digest': 'Digest',
  'V1VirtualMachineInstanceStatus.vSOCKCID': 'VSOCKCID',
};
const FLOATS = new Set(['V1TokenBucketRateLimiter.qps']);
/** What stands in place of the descriptions that the generator lost. */
const DESCRIPTIONS = {
  'V1Memory.guest': 'How much memory the guest operating system sees.',
  'V1Memory.maxGuest': 'Up to how much memory the guest can grow while it runs.',
  'V1EmptyDiskSource.capacity': 'Size of the empty disk.',
  'V1HostDisk.capacity': 'Size of the file that is created.',
  'V1PodNetwork.vmNetworkCIDR': 'CIDR that the VM sees behind the masquerade. Default 10.0.2.0/24.',
};
/** `object` stands for an empty struct nearly everywhere, and for anything at all in these. */
const OPEN = new Set(['V1DataVolumeTemplateSpec.status', 'V1beta1VirtualMachineTemplate.virtualMachine']);

const TIME = { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time' };
const PORT = { type: 'integer', format: 'int32' };
/** Fields that newer servers have, or that the generator drops, by a pattern of the schema's name. */
const ADDITIONS = [
  [
    /^(?!io\.kubevirt\.cdi).*Condition$/,
    { lastProbeTime: { ...TIME, nullable: true }, lastTransitionTime: { ...TIME, nullable: true } },
  ],
  [
    /\.VirtualMachineInstanceSpec$/,
    {
      serviceAccountName: {
        type: 'string',
        description: 'Service account of the launcher pod. The guest does not see its token.',
      },
    },
  ],
  [
    /\.v1\.Interface$/,
    {
      portRanges: {
        type: 'array',
        description: 'Ranges of ports forwarded to the guest, instead of ports. Masquerade only.',
        items: {
          type: 'object',
          required: ['end', 'protocol', 'start'],
          properties: { start: PORT, end: PORT, protocol: { type: 'string' } },
        },
      },
    },
  ],
  [
    /\.v1\.Network$/,
    {
      resourceClaim: {
        type: 'object',
        description: 'A network device requested through spec.resourceClaims.',
        properties: { claimName: { type: 'string' }, requestName: { type: 'string' } },
      },
    },
  ],
  [
    /\.MigrationConfiguration$/,
    {
      maxDowntimeMs: { type: 'integer', format: 'int64' },
      experimental: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  ],
  [
    /\.KubeVirtConfiguration$/,
    {
      persistentReservationConfiguration: { type: 'object', properties: { enabled: { type: 'boolean' } } },
    },
  ],
  [/BackupVolumeInfo$/, { volumeName: { type: 'string' } }],
  [/\.VirtualMachineInstanceBackupStatus$/, { quiesceStatus: { type: 'string' } }],
  [/\.VirtualMachinePreferenceSpec$/, { preferredLaunchSecurity: { $ref: 'io.kubevirt.v1.LaunchSecurity' } }],
  [
    /\.MigrationPolicySpec$/,
    {
      maxDowntimeMs: { type: 'integer', format: 'int64', minimum: 1, maximum: 2000000 },
      experimental: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  ],
  [
    /\.cdi\.v1beta1\.DataVolumeSourceHTTP$/,
    {
      checksum: { type: 'string', description: 'Checksum of the image, as algorithm:hash.' },
      insecureSkipVerify: { type: 'boolean', description: 'Whether the certificate goes unverified.' },
    },
  ],
  [
    /\.cdi\.v1beta1\.DataVolumeSourceImageIO$/,
    { insecureSkipVerify: { type: 'boolean', description: 'Whether the certificate goes unverified.' } },
  ],
  [
    /\.cdi\.v1beta1\.DataVolumeSourceVDDK$/,
    { certConfigMap: { type: 'string', description: 'ConfigMap with the certificates of the server.' } },
  ],
  [/\.cdi\.v1beta1\.DataVolumeSpec$/, { serviceAccountName: { type: 'string' } }],
  [/\.cdi\.v1beta1\.DataImportCronSpec$/, { serviceAccountName: { type: 'string', minLength: 1 } }],
  [/\.cdi\.v1beta1\.CDIConfigSpec$/, { webhookPvcRendering: { type: 'string' } }],
];
/** Schemas that keep what they don't name: KubeVirt's own do. */
const KEEP_UNKNOWN = /\.v1\.Clock$|BackupStatus$|BackupVolumeInfo$/;

/** Reads one declaration file of the package: `kubevirt`, `containerized-data-importer` … */
export function readInterfaces(part) {
  const file = path.join(root, `node_modules/@kubevirt-ui-ext/kubevirt-api/dist/${part}/index.d.ts`);
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return new Map(source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]));
}

/** `V1VirtualMachine` → `io.kubevirt.v1.VirtualMachine`. */
export function kubevirtName(model, prefix) {
  const [, version = 'v1beta1', kind] = /^(V\d(?:alpha\d|beta\d)?)?(\w+)$/.exec(model);
  return `${prefix}.${version.toLowerCase()}.${kind}`;
}

/** Adds the schema of `model` and of everything that it mentions, and returns its name. */
export function addKubevirt(context, model) {
  const { interfaces, schemas, kubernetes, names, prefix } = context;
  const [, shared] =
    /^(?:K8sIo|IoK8s)\w*?(V1\w+)$/.exec(model) ?? /^(V1[A-Z]\w+)$/.exec(sharedIn(context, model)) ?? [];
  if (shared && existsSync(path.join(models, `${shared}.js`)))
    return addKubernetes(kubernetes, names, shared, 'core');
  const name = kubevirtName(shared ?? model, prefix);
  if (schemas[name]) return name;
  const declaration = interfaces.get(model);
  if (!declaration) throw new Error(`No interface ${model}`);
  const schema = { type: 'object', properties: {} };
  const required = [];
  schemas[name] = schema;
  const description = commentOf(declaration);
  if (description) schema.description = description;
  for (const member of declaration.members) {
    if (!ts.isPropertySignature(member)) continue;
    const given = member.name.text.replace(/^_/, '');
    const field = RENAMED[`${model}.${given}`] ?? given;
    schema.properties[field] = property(context, `${model}.${field}`, member);
    if (!member.questionToken) required.push(field);
  }
  for (const [pattern, fields] of ADDITIONS) if (pattern.test(name)) Object.assign(schema.properties, fields);
  if (KEEP_UNKNOWN.test(name)) schema['x-kubernetes-preserve-unknown-fields'] = true;
  if (required.length && !KEEP_UNKNOWN.test(name)) schema.required = required;
  return name;
}

/** CDI's declarations name Kubernetes' own types as KubeVirt's name theirs; Condition alone is another one. */
function sharedIn({ prefix }, model) {
  return prefix === 'io.kubevirt.cdi' && model !== 'V1Condition' ? model : '';
}

function isInt32(where) {
  const [type, field] = where.split('.');
  return INT32[type]?.includes(field) ?? false;
}

function property(context, where, member) {
  const text = commentOf(member) ?? '';
  const override = DESCRIPTIONS[where];
  if (QUANTITY_TEXT.test(text)) return described(QUANTITY, override);
  if (INT_OR_STRING_TEXT.test(text)) return { $ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' };
  if (TIME_TEXT.test(text)) return { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time' };
  return described(typeOf(context, where, member.type), override ?? text);
}

function typeOf(context, where, node) {
  const field = where.split('.')[1];
  if (ts.isTypeLiteralNode(node)) {
    const [index] = node.members;
    const values = QUANTITY_MAPS.has(field) ? QUANTITY : typeOf(context, where, index.type);
    return { type: 'object', additionalProperties: values };
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText();
    if (name === 'Array') return { type: 'array', items: typeOf(context, where, node.typeArguments[0]) };
    if (name === 'Set') return { type: 'array', items: { type: 'string' } };
    // Enumerations stay open, as in KubeVirt's own schemas: the webhooks refuse what they don't know.
    if (name.endsWith('Enum')) return { type: 'string' };
    return { $ref: addKubevirt(context, name) };
  }
  if (ts.isArrayTypeNode(node)) return { type: 'array', items: typeOf(context, where, node.elementType) };
  if (node.kind === ts.SyntaxKind.StringKeyword) return { type: 'string' };
  if (node.kind === ts.SyntaxKind.BooleanKeyword) return { type: 'boolean' };
  if (node.kind === ts.SyntaxKind.NumberKeyword) {
    return FLOATS.has(where)
      ? { type: 'number' }
      : { type: 'integer', format: FORMATS[where] ?? (isInt32(where) ? 'int32' : 'int64') };
  }
  if (node.kind === ts.SyntaxKind.ObjectKeyword) {
    return OPEN.has(where)
      ? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
      : { type: 'object' };
  }
  return { 'x-kubernetes-preserve-unknown-fields': true };
}
