import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readDocuments } from './documents';
import { kubectlApply, kubectlPatch, shellWord } from './kubectl';

const NASTY = [
  'plain',
  "it's",
  "''",
  '$HOME `id` $(id)',
  'a\\b"c',
  'line\nline',
  '!history',
  '*',
  '~',
  '#',
  '',
  'ü…',
  '-n',
  'a b',
  "'; rm -rf / #",
];

/** Runs a command in a real shell whose kubectl prints its words and its input. */
function run(command: string): { words: string[]; input: string } {
  const kubectl = `kubectl() { printf '%s\\0' "$@"; printf '\\1'; if [ "$1" = apply ]; then cat; fi; }\n`;
  const output = execFileSync('sh', ['-c', kubectl + command], { encoding: 'utf8' });
  const [words = '', input = ''] = output.split('\u0001');
  return { words: words.split('\0').slice(0, -1), input };
}

describe('commands for a shell', () => {
  it.each(NASTY)('carry %j unchanged', (word) => {
    expect(run(`kubectl get ${shellWord(word)}`).words).toEqual(['get', word]);
    const ops = [{ op: 'add' as const, path: '/data/a', value: word }];
    const target = {
      group: 'kubevirt.io',
      version: 'v1',
      plural: 'virtualmachines',
      namespace: 'dev',
      name: 'web',
    };
    expect(run(kubectlPatch(target, ops)).words).toEqual([
      'patch',
      'virtualmachines.v1.kubevirt.io',
      'web',
      '-n',
      'dev',
      '--type=json',
      '-p',
      JSON.stringify(ops),
    ]);
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: ${JSON.stringify(word)}\n`;
    expect(run(kubectlApply(text) ?? '')).toEqual({ words: ['apply', '-f', '-'], input: text });
  });

  it('leave out what only the server writes, and keep comments', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a # mine\n  uid: x\n  resourceVersion: "3"\ndata: {a: b}\nstatus: {x: 1}\n';
    const { input } = run(kubectlApply(text) ?? '');
    expect(input).toContain('# mine');
    expect(readDocuments(input)?.objects).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 'b' } },
    ]);
  });

  it('end at a word that is no line of the text', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  script: |-\n    cat <<EOF\nEOF: x\n';
    const tricky = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a:
EOF
}}
`;
    expect(run(kubectlApply(text) ?? '').input).toBe(text);
    expect(run(kubectlApply(tricky) ?? '').input).toBe(tricky);
    expect(kubectlApply('a: [')).toBeUndefined();
  });

  it('name what is of the cluster without a namespace', () => {
    const target = { group: '', version: 'v1', plural: 'nodes', namespace: undefined, name: 'one' };
    expect(run(kubectlPatch(target, [])).words).toEqual(['patch', 'nodes', 'one', '--type=json', '-p', '[]']);
  });
});
