import { describe, expect, it } from 'vitest';
import { matchesFields, parseFieldSelector, pinnedName } from './field-selector';
import { matchesLabels, parseLabelSelector } from './label-selector';
import type { KubeObject } from './objects';
import { RESOURCES } from './resources';

const labels = { app: 'web', tier: 'front', 'example.com/role': 'x', weight: '5' };

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
    ['weight>4', true],
    ['weight<4', false],
    ['app>4', false],
  ])('%s → %s', (text, matches) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches);
  });

  it.each([
    ['a===', "unable to parse requirement: found '=', expected: identifier"],
    ['a=b c=d', "found 'c', expected: ',' or 'end of string'"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a in ()', "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators"],
    ['a=b~c', 'unable to parse requirement: values[0][a]: Invalid value: "b~c": a valid label must be'],
    [`a=${'b'.repeat(64)}`, 'must be no more than 63 bytes'],
    ['a>b', "values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"],
    ['/a', 'unable to parse requirement: key: Invalid value: "/a": prefix part must be non-empty'],
    ['a~b', 'unable to parse requirement: key: Invalid value: "a~b": name part must consist of'],
  ])('refuses %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });
});

describe('field selectors', () => {
  it.each([
    ['pods', 'field label not supported: spec.x'],
    ['virtualmachines.kubevirt.io', 'field label not supported: spec.x'],
    ['configmaps', '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ])('are refused by %s in its words', (id, message) => {
    expect(() => parseFieldSelector('spec.x=1', type(id))).toThrow(message);
  });

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
