import { describe, expect, it } from 'vitest';
import { fieldInWords, fieldPathText, parseFieldPath } from './field-path';

describe('parseFieldPath', () => {
  it.each([
    [
      'spec.template.spec.domain.devices.disks[1].name',
      ['spec', 'template', 'spec', 'domain', 'devices', 'disks', 1, 'name'],
    ],
    ['.spec.runStrategy', ['spec', 'runStrategy']],
    ['metadata.labels[app.kubernetes.io/name]', ['metadata', 'labels', 'app.kubernetes.io/name']],
    ['data["a.b"]', ['data', 'a.b']],
    ['', []],
  ])('%s', (field, path) => {
    expect(parseFieldPath(field)).toEqual(path);
  });

  it('writes paths as the API server does', () => {
    expect(fieldPathText(['spec', 'volumes', 1, 'name'])).toBe('spec.volumes[1].name');
    expect(fieldPathText(['metadata', 'labels', 'a.b/c'])).toBe('metadata.labels[a.b/c]');
  });
});

// Sentences that KubeVirt's webhooks and the API server say without naming a field in `causes`.
describe('fieldInWords', () => {
  it.each([
    ['spec.template in body is required', 'spec.template'],
    ['spec.template.spec.domain in body is required', 'spec.template.spec.domain'],
    [
      'json: cannot unmarshal number -1 into Go struct field VirtualMachineInstanceTemplateSpec.spec.template.spec.domain.cpu.cores of type uint32',
      'spec.template.spec.domain.cpu.cores',
    ],
    [
      'VirtualMachine in version "v1" cannot be handled as a VirtualMachine: strict decoding error: unknown field "spec.template.spec.domain.warpDrive"',
      'spec.template.spec.domain.warpDrive',
    ],
    ['unknown field "spec.foo"', 'spec.foo'],
    [
      'Boot order for spec.template.spec.domain.devices.interfaces[0].bootOrder already set for a different device.',
      'spec.template.spec.domain.devices.interfaces[0].bootOrder',
    ],
    [
      "spec.template.spec.domain.devices.disks[0].Name 'root' not found.",
      'spec.template.spec.domain.devices.disks[0].Name',
    ],
    ['Pod "a" is invalid: metadata.labels[a b]: Invalid value', 'metadata'],
    ['spec.running is deprecated, please use spec.runStrategy instead.', 'spec.running'],
    ['HostDisk feature gate is not enabled', undefined],
    ['the namespace of the provided object does not match the namespace sent on the request', undefined],
  ])('%s', (words, field) => {
    const found = fieldInWords(words);
    if (field === 'metadata') expect(found).toMatch(/^metadata\.labels/);
    else expect(found).toBe(field);
  });
});
