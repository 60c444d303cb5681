import { describe, expect, it } from 'vitest';
import { matchesFields, parseFieldSelector, pinnedName } from './field-selector';
import { matchesLabels, parseLabelSelector } from './label-selector';
import type { KubeObject } from './objects';
import { RESOURCES } from './resources';

const labels = { app: 'web', tier: 'front', 'example.com/role': 'x' };

describe('label selectors', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web, tier=front', true],
    ['app=db', false],
    ['app!=db', true],
    ['missing!=x', true],
    ['app in (web, db)', true],
    ['app notin (web,db)', false],
    ['missing notin (a)', true],
    ['example.com/role', true],
    ['missing', false],
    ['!missing', true],
    ['!app', false],
    ['missing=', false],
    ['app in ()', false],
  ])('%s → %s', (text, matches) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches);
  });

  it.each([
    ['a===', "unable to parse requirement: found '=', expected: identifier"],
    ['a=b c=d', "found 'c', expected: ',' or 'end of string'"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a~b', 'unable to parse requirement: key: Invalid value: "a~b": name part must consist of'],
  ])('refuses %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });
});

describe('field selectors', () => {
  const type = (id: string) => {
    const found = RESOURCES.find((resource) => resource.id === id);
    if (!found) throw new Error(id);
    return found;
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
  } as unknown as KubeObject;

  it.each([
    ['metadata.name=p', true],
    ['spec.nodeName=n1,status.phase!=Running', false],
    ['spec.nodeName!=n2', true],
    ['spec.hostNetwork=false', true],
    ['status.podIP=', true],
  ])('%s → %s', (text, matches) => {
    expect(matchesFields(parseFieldSelector(text, type('pods')), pod)).toBe(matches);
  });

  it('refuses what the resource does not declare', () => {
    const vms = type('virtualmachines.kubevirt.io');
    expect(() => parseFieldSelector('spec.foo=x', vms)).toThrow('field label not supported: spec.foo');
    expect(() => parseFieldSelector('nonsense', vms)).toThrow(
      "invalid selector: 'nonsense'; can't understand 'nonsense'",
    );
  });

  it('knows a selection of one', () => {
    expect(pinnedName(parseFieldSelector('metadata.name=a', type('pods')))).toBe('a');
    expect(pinnedName(parseFieldSelector('metadata.name!=a', type('pods')))).toBeUndefined();
  });
});
