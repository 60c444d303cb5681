import { describe, expect, it } from 'vitest';
import { rewriteObject } from './documents';
import { editOf, rebase, sameEditable } from './edit';
import { readManifests } from './read';
import { MASK, maskedPaths, maskSecret } from './secret';
import { tidy, writeManifest } from './write';

const vm = {
  status: { printableStatus: 'Running' },
  kind: 'VirtualMachine',
  spec: {
    runStrategy: 'Always',
    template: { spec: { domain: { cpu: { cores: 1 } }, volumes: [{ name: 'a' }] } },
  },
  apiVersion: 'kubevirt.io/v1',
  metadata: {
    annotations: { note: 'yes' },
    resourceVersion: '7',
    name: 'a',
    namespace: 'n',
    managedFields: [{ manager: 'virt-api' }],
  },
};
const parsed = (content: string) => readManifests(content).manifests[0]?.object ?? {};

describe('writeManifest', () => {
  it('writes in the order people expect, without managedFields', () => {
    const content = writeManifest(vm);
    expect(content.split('\n').filter((line) => /^\w/.test(line))).toEqual([
      'apiVersion: kubevirt.io/v1',
      'kind: VirtualMachine',
      'metadata:',
      'spec:',
      'status:',
    ]);
    expect(content).not.toContain('managedFields');
    expect(content).toContain('note: "yes"');
    expect(content).toContain('      volumes:\n      - name: a\n');
  });

  it('reads back as what was written', () => {
    const odd = {
      ...vm,
      data: { a: 'yes', b: '0644', c: 'a\nb\n', d: ' x', e: '1', f: 'null', g: '#', h: '', i: ': ' },
    };
    expect(parsed(writeManifest(odd))).toEqual(tidy(odd));
  });
});

describe('editOf', () => {
  it('sends nothing when the text is opened and saved', () => {
    expect(editOf(vm, parsed(writeManifest(vm)))).toEqual({ patch: {}, identity: [], unsent: [] });
  });

  it('sends only what changed', () => {
    const edited = parsed(writeManifest(vm).replace('cores: 1', 'cores: 2'));
    expect(editOf(vm, edited).patch).toEqual({
      spec: { template: { spec: { domain: { cpu: { cores: 2 } } } } },
    });
  });

  it('does not send status, and says so', () => {
    const edited = parsed(writeManifest(vm).replace('printableStatus: Running', 'printableStatus: Stopped'));
    expect(editOf(vm, edited)).toEqual({ patch: {}, identity: [], unsent: [['status']] });
  });

  it('knows that another name is another object', () => {
    const edited = parsed(writeManifest(vm).replace('name: a\n', 'name: b\n'));
    expect(editOf(vm, edited).identity).toEqual([['metadata', 'name']]);
  });
});

describe('rebase', () => {
  const edited = parsed(writeManifest(vm).replace('cores: 1', 'cores: 2'));

  it('takes the other side’s change where they do not overlap', () => {
    const latest = {
      ...vm,
      spec: { ...vm.spec, runStrategy: 'Halted' },
      status: { printableStatus: 'Stopped' },
    };
    const { conflicts, merged } = rebase(vm, edited, latest);
    expect(conflicts).toEqual([]);
    expect(merged).toMatchObject({
      spec: { ...(edited.spec as object), runStrategy: 'Halted' },
      status: latest.status,
    });
  });

  it('names the field that both changed, and keeps the edit there', () => {
    const latest = structuredClone(vm);
    latest.spec.template.spec.domain.cpu.cores = 4;
    latest.spec.runStrategy = 'Halted';
    const { conflicts, merged } = rebase(vm, edited, latest);
    expect(conflicts).toEqual([['spec', 'template', 'spec', 'domain', 'cpu', 'cores']]);
    expect(merged.spec).toEqual({ ...(edited.spec as object), runStrategy: 'Halted' });
  });

  it('agrees when both made the same change', () => {
    expect(rebase(vm, edited, edited).conflicts).toEqual([]);
  });

  it('sees that a status alone is no change to what people edit', () => {
    expect(sameEditable(vm, { ...vm, status: {} })).toBe(true);
    expect(sameEditable(vm, edited)).toBe(false);
  });
});

describe('maskSecret', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"czNjcmV0"}}' },
    },
    data: { a: 'czNjcmV0', b: 'Yg==' },
  };

  it('hides the values and the copy that kubectl keeps', () => {
    expect(writeManifest(maskSecret(secret))).not.toContain('czNjcmV0');
  });

  it('sends only the value that was replaced', () => {
    const masked = maskSecret(secret);
    const edited = parsed(writeManifest(masked).replace(`a: ${MASK}`, 'a: bmV3'));
    expect(editOf(masked, edited).patch).toEqual({ data: { a: 'bmV3' } });
  });

  it('reveals under an edit and keeps the edit', () => {
    const masked = maskSecret(secret);
    const edited = parsed(writeManifest(masked).replace(`a: ${MASK}`, 'a: bmV3'));
    const shown = rewriteObject(writeManifest(edited), rebase(masked, edited, secret).merged);
    expect(parsed(shown ?? '').data).toEqual({ a: 'bmV3', b: 'Yg==' });
  });

  it('notices a mask that was moved', () => {
    expect(maskedPaths({ data: { c: MASK } })).toEqual([['data', 'c']]);
    expect(maskedPaths({ data: { c: `bmV3${MASK.slice(2)}` } })).toEqual([['data', 'c']]);
  });
});
