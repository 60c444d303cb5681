import { describe, expect, it } from 'vitest';
import { objectToCreate } from './check';
import { readManifests } from './read';

const SEED_LIKE = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: seed
  namespace: not-yet
spec:
  running: true
  template:
    spec:
      volumes:
        - name: cloudinitdisk
          cloudInitNoCloud:
            userData: |
              #cloud-config
              password: fedora
              chpasswd: { expire: False }`;

describe('readManifests', () => {
  it('reads a manifest with cloud-init and keeps the user data as text', () => {
    const { manifests, problems } = readManifests(SEED_LIKE);
    expect(problems).toEqual([]);
    expect(manifests).toHaveLength(1);
    expect(JSON.stringify(manifests[0]?.object)).toContain('chpasswd: { expire: False }');
    expect(manifests[0]).toMatchObject({ kind: 'VirtualMachine', name: 'seed', namespace: 'not-yet' });
  });

  it('reads several documents, skips empty ones and keeps their order', () => {
    const content =
      '---\n# first\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n---\n{"apiVersion": "v1",\n\t"kind": "Secret", "metadata": {"name": "b"}}\n...\n';
    const { manifests, problems } = readManifests(content);
    expect(problems).toEqual([]);
    expect(manifests.map(({ kind, name }) => `${kind}/${name}`)).toEqual(['Namespace/a', 'Secret/b']);
  });

  it('takes a List apart and keeps where its items stand', () => {
    const content =
      'kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: Bad}\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: good}\n';
    const { manifests, problems } = readManifests(content);
    expect(manifests.map((manifest) => manifest.base)).toEqual([
      ['items', 0],
      ['items', 1],
    ]);
    expect(problems.map((problem) => problem.range.line)).toEqual([6]);
  });

  it('reads words and octal numbers as Kubernetes does, and leaves MAC addresses alone', () => {
    const content =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: [yes, off, 0644, 52:54:00:12:34:56, 1:30, "yes"]';
    expect(readManifests(content).manifests[0]?.object.x).toEqual([
      true,
      false,
      420,
      '52:54:00:12:34:56',
      '1:30',
      'yes',
    ]);
  });

  it('follows anchors and merge keys', () => {
    const content =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbase: &b {x: "1"}\ndata: {<<: *b, y: "2"}';
    expect(readManifests(content).manifests[0]?.object.data).toEqual({ x: '1', y: '2' });
  });

  it('accepts generateName, and a name with a dot', () => {
    const content =
      'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a.b}';
    expect(readManifests(content).problems).toEqual([]);
  });

  it('lets a ClusterRole be called as Kubernetes calls its own', () => {
    const content =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "system:Node"}';
    expect(readManifests(content).problems).toEqual([]);
  });

  it('warns of a long VM name without refusing it', () => {
    const content = `apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: ${'a'.repeat(64)}`;
    expect(readManifests(content).problems).toMatchObject([{ severity: 'warning', range: { line: 4 } }]);
  });

  it('warns of a tag of another tool', () => {
    const content = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: !Ref b}';
    expect(readManifests(content).problems).toMatchObject([
      { severity: 'warning', range: { line: 4 }, message: { values: { tag: '!Ref' } } },
    ]);
  });

  it('names the same object in two namespaces without complaint', () => {
    const one = (namespace: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ${namespace}}\n---\n`;
    expect(readManifests(one('x') + one('y')).problems).toEqual([]);
  });

  it('leaves out what only the server writes, and says so', () => {
    const content =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  uid: u\n  resourceVersion: "5"\n  namespace: x\nstatus: {phase: Running}';
    const { manifests, problems } = readManifests(content);
    expect(problems).toMatchObject([
      { severity: 'info', range: { line: 5 }, message: { values: { fields: 'uid, resourceVersion' } } },
    ]);
    const [manifest] = manifests;
    expect(manifest && objectToCreate(manifest, 'y')).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'y' },
    });
    expect(manifest && objectToCreate(manifest, undefined)).toMatchObject({ metadata: { name: 'a' } });
  });

  it('reads half a megabyte of user data without delay', () => {
    const content = `${SEED_LIKE}\n${'              a line of user data\n'.repeat(15_000)}`;
    const started = performance.now();
    expect(readManifests(content).manifests).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
