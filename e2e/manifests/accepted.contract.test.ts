import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDocuments } from '@/lib/manifest/documents';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { TestSandbox } from '@/sandbox/testing';
import { CORPUS } from './corpus';

/** What a cluster as the sandbox's refuses, by the words of its refusal; all else is taken. */
const REFUSED: Record<string, RegExp> = {
  'arm64.yaml': /MultiArchitecture feature gate is not enabled/,
  'devices-all.yaml': /VSOCK feature gate is not enabled/,
  'downward-metrics-and-memory-dump.yaml': /DownwardMetrics feature gate is not enabled/,
  'gpus-and-host-devices.yaml': /Host Devices feature gate is not enabled/,
  'instancetype-inferred.yaml': /persistentvolumeclaims "golden" not found/,
  'launch-security.yaml': /WorkloadEncryptionSEV feature gate is not enabled/,
  'virtiofs.yaml': /virtiofs feature gate is not enabled/,
  'volume-kinds.yaml': /HostDisk feature gate is not enabled/,
};

const PLACES: Record<string, string> = {
  VirtualMachine: '/apis/kubevirt.io/v1/namespaces/corpus/virtualmachines',
  Secret: '/api/v1/namespaces/corpus/secrets',
  Service: '/api/v1/namespaces/corpus/services',
  PersistentVolumeClaim: '/api/v1/namespaces/corpus/persistentvolumeclaims',
  DataVolume: '/apis/cdi.kubevirt.io/v1beta1/namespaces/corpus/datavolumes',
};

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace('corpus');
});
afterAll(() => sandbox.close());

/** As it can be created here: in this namespace, without what only the server writes. */
function here(object: ManifestObject): ManifestObject {
  const {
    resourceVersion: _version,
    uid: _uid,
    ...metadata
  } = isMapping(object.metadata) ? object.metadata : {};
  return { ...object, metadata: { ...metadata, namespace: 'corpus' } };
}

it.each(CORPUS)('$name is what a cluster takes, or refuses for a reason', async ({ name, text }) => {
  const said: string[] = [];
  for (const object of readDocuments(text)?.objects ?? []) {
    const place = PLACES[String(object.kind)];
    expect(place, String(object.kind)).toBeDefined();
    const { status, body } = await sandbox.ask('POST', `${place}?dryRun=All`, here(object));
    if (status !== 201) said.push(`${status} ${body.message}`);
  }
  const refused = REFUSED[name];
  // One sentence, so that the gate alone stands between the manifest and a cluster.
  if (refused) expect(said).toEqual([expect.stringMatching(refused)]);
  else expect(said).toEqual([]);
});
