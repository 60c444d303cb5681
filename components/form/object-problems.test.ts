import { describe, expect, it } from 'vitest';
import { maskSecret } from '@/lib/manifest/secret';
import { readRefusal } from '@/lib/manifest/server-words';
import { writeManifest } from '@/lib/manifest/write';
import { reviewObject } from './object-problems';

const vm = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'a', uid: 'u', resourceVersion: '1' },
  spec: { cores: 1 },
  status: { ready: true },
};
const content = writeManifest(vm);
const review = (text: string) => reviewObject(vm, text, []);

describe('reviewObject', () => {
  it('has nothing to send when nothing changed, and nothing to say about uid', () => {
    expect(review(content)).toMatchObject({ problems: [], unsendable: { key: 'yaml.object.sameMeaning' } });
  });

  it('has nothing to send when only comments changed', () => {
    expect(review(`# mine\n${content}`).unsendable?.key).toBe('yaml.object.sameMeaning');
  });

  it('can be sent when a field changed', () => {
    expect(review(content.replace('cores: 1', 'cores: 2')).unsendable).toBeUndefined();
  });

  it('explains that status is not sent', () => {
    const { problems, unsendable } = review(content.replace('ready: true', 'ready: false'));
    expect(problems).toMatchObject([{ severity: 'warning', message: { key: 'yaml.problem.unsent' } }]);
    expect(unsendable?.key).toBe('yaml.object.onlyUnsent');
  });

  it('refuses another name at its line', () => {
    const { problems, unsendable } = review(content.replace('name: a', 'name: b'));
    expect(problems).toMatchObject([{ severity: 'error', range: { line: 4 } }]);
    expect(unsendable?.key).toBe('yaml.object.hasErrors');
  });

  it('refuses a second document', () => {
    expect(review(`${content}---\n${content.replace('name: a', 'name: b')}`).problems).toMatchObject([
      { message: { key: 'yaml.problem.oneObject' } },
    ]);
  });

  it('refuses a text that can’t be read', () => {
    expect(review(`${content}\n\tx: 1`).unsendable?.key).toBe('yaml.object.hasErrors');
  });

  it('lets what the server refused be tried again', () => {
    const edited = { ...vm, spec: { cores: 2 } };
    const { said } = readRefusal(
      { object: edited },
      { message: 'no', causes: [{ field: 'spec.cores', message: 'too many' }] },
    );
    const { problems, unsendable } = reviewObject(vm, writeManifest(edited), said);
    expect(problems).toMatchObject([{ severity: 'error', message: { values: { words: 'too many' } } }]);
    expect(unsendable).toBeUndefined();
  });

  it('refuses to send a mask as a value', () => {
    const secret = maskSecret({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { a: 'YQ==' },
    });
    const moved = writeManifest(secret).replace('  a:', '  b:');
    expect(reviewObject(secret, moved, []).problems).toMatchObject([
      { message: { key: 'yaml.problem.masked' } },
    ]);
  });
});
