import { describe, expect, it } from 'vitest';
import { editOf, rebase, sameEditable } from './edit';
import { readManifests } from './read';
import { patchText } from './rewrite';
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
    const { conflicts, theirs } = rebase(vm, edited, latest);
    expect(conflicts).toEqual([]);
    expect(theirs).toEqual({ spec: { runStrategy: 'Halted' }, status: { printableStatus: 'Stopped' } });
  });

  it('names the field that both changed, and leaves it out of what is taken', () => {
    const latest = structuredClone(vm);
    latest.spec.template.spec.domain.cpu.cores = 4;
    latest.spec.runStrategy = 'Halted';
    const { conflicts, theirs } = rebase(vm, edited, latest);
    expect(conflicts).toEqual([['spec', 'template', 'spec', 'domain', 'cpu', 'cores']]);
    expect(theirs).toEqual({ spec: { runStrategy: 'Halted' } });
  });

  it('agrees when both made the same change', () => {
    expect(rebase(vm, edited, edited).conflicts).toEqual([]);
  });

  it('sees that a status alone is no change to what people edit', () => {
    expect(sameEditable(vm, { ...vm, status: {} })).toBe(true);
    expect(sameEditable(vm, edited)).toBe(false);
  });
});

describe('patchText', () => {
  const content =
    '# my machine\napiVersion: v1\nspec:\n  cores: 1 # one\n  list: [a,   b]\n  old: x\nstatus: {}\n';

  it('keeps comments and spelling where nothing changed', () => {
    const patched = patchText(content, { spec: { cores: 2, old: null, added: { a: [1] } } });
    expect(patched).toContain('# my machine');
    expect(patched).toContain('cores: 2 # one');
    expect(patched).not.toContain('old:');
    expect(parsed(`kind: A\nmetadata: {name: a}\n${patched}`).spec).toEqual({
      cores: 2,
      list: ['a', 'b'],
      added: { a: [1] },
    });
  });

  it('puts a new key where the model has it', () => {
    const labelled = { ...vm, metadata: { ...vm.metadata, labels: { a: 'b' } } };
    expect(patchText(writeManifest(vm), { metadata: { labels: { a: 'b' } } }, labelled)).toBe(
      writeManifest(labelled),
    );
  });

  it('leaves its own writing byte for byte as it is', () => {
    expect(patchText(writeManifest(vm), {})).toBe(writeManifest(vm));
  });

  it('gives up on a text that cannot be read', () => {
    expect(patchText('a: [', { b: 1 })).toBeUndefined();
    expect(patchText('- a', { b: 1 })).toBeUndefined();
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
    const shown = patchText(writeManifest(edited), rebase(masked, edited, secret).theirs);
    expect(parsed(shown ?? '').data).toEqual({ a: 'bmV3', b: 'Yg==' });
  });

  it('notices a mask that was moved', () => {
    expect(maskedPaths({ data: { c: MASK } })).toEqual([['data', 'c']]);
    expect(maskedPaths({ data: { c: `bmV3${MASK.slice(2)}` } })).toEqual([['data', 'c']]);
  });
});
