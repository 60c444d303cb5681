import { describe, expect, it } from 'vitest';
import {
  applicationOf,
  descriptionOf,
  folderChange,
  folderLabelValue,
  folderName,
  folderOf,
  folderProblem,
  isInFolder,
  labelKeyProblem,
  labelValueProblem,
  openChange,
  ownLabels,
  parentFolder,
  suggestFolder,
  suggestName,
  tagChange,
  tagProblem,
  tagsOf,
} from './labels';

describe('what labels say of a VM', () => {
  it('reads the folder, ours before OpenShift’s', () => {
    expect(folderOf({ 'portlight.io/folder': 'web.blue' })).toBe('web/blue');
    expect(folderOf({ 'vm.openshift.io/folder': 'legacy' })).toBe('legacy');
    expect(folderOf({ 'portlight.io/folder': 'web', 'vm.openshift.io/folder': 'legacy' })).toBe('web');
    expect(folderOf({ 'portlight.io/folder': 'web..blue' })).toBe('web/blue');
    expect(folderOf({})).toBe('');
  });

  it('reads tags in alphabetical order', () => {
    const labels = {
      'tag.portlight.io/zoo': '',
      'tag.portlight.io/ant': '',
      'tag.portlight.io/': '',
      tier: 'a',
    };
    expect(tagsOf(labels)).toEqual(['ant', 'zoo']);
  });

  it('takes the widest of the recommended labels for the application', () => {
    const labels = { app: 'd', 'app.kubernetes.io/name': 'c', 'app.kubernetes.io/part-of': 'a' };
    expect(applicationOf(labels)).toBe('a');
    expect(applicationOf({ app: 'd', 'app.kubernetes.io/instance': 'b' })).toBe('b');
    expect(applicationOf({ app: 'd' })).toBe('d');
    expect(applicationOf({})).toBe('');
  });

  it('reads the description from either annotation', () => {
    expect(descriptionOf({ 'kubevirt.io/description': 'two' })).toBe('two');
    expect(descriptionOf({ description: 'one', 'kubevirt.io/description': 'two' })).toBe('one');
  });
});

it('tells labels of people from those of the platform', () => {
  const labels = {
    tier: 'web',
    'example.com/team': 'a',
    'app.kubernetes.io/name': 'shop',
    'portlight.io/folder': 'x',
    'tag.portlight.io/gold': '',
    'vm.kubevirt.io/template': 't',
    'kubevirt.io/size': 's',
    'topology.kubernetes.io/zone': 'z',
  };
  expect(ownLabels(labels).map(([key]) => key)).toEqual([
    'tier',
    'example.com/team',
    'app.kubernetes.io/name',
  ]);
});

describe('paths of folders', () => {
  it('become values of labels and back', () => {
    expect(folderLabelValue('web/blue')).toBe('web.blue');
    expect(folderOf({ 'portlight.io/folder': folderLabelValue('a/b/c') })).toBe('a/b/c');
  });

  it('know their parents and what lies in them', () => {
    expect(parentFolder('a/b/c')).toBe('a/b');
    expect(parentFolder('a')).toBe('');
    expect(folderName('a/b')).toBe('b');
    expect(isInFolder('a/b', 'a')).toBe(true);
    expect(isInFolder('ab', 'a')).toBe(false);
  });
});

describe('changes', () => {
  it('name only what they change', () => {
    expect(folderChange('web/blue')).toEqual({ 'portlight.io/folder': 'web.blue' });
    expect(tagChange('gold', true)).toEqual({ 'tag.portlight.io/gold': '' });
    expect(tagChange('gold', false)).toEqual({ 'tag.portlight.io/gold': null });
  });

  it('take OpenShift’s folder off as well, or the VM would still lie in one', () => {
    expect(folderChange('')).toEqual({ 'portlight.io/folder': null, 'vm.openshift.io/folder': null });
  });

  it('leave out what is so already', () => {
    expect(openChange({ 'portlight.io/folder': 'web' }, folderChange('web'))).toEqual({});
    expect(openChange({ 'portlight.io/folder': 'web' }, folderChange(''))).toEqual({
      'portlight.io/folder': null,
    });
    expect(openChange({}, tagChange('gold', true))).toEqual({ 'tag.portlight.io/gold': '' });
    expect(openChange({}, tagChange('gold', false))).toEqual({});
  });
});

describe('names', () => {
  it.each([
    ['Web servers', 'Web-servers'],
    ['  Größe & Co. ', 'Gro-e-Co'],
    ['café', 'cafe'],
    ['-_x_-', 'x'],
    ['!!!', ''],
    ['a'.repeat(70), 'a'.repeat(63)],
    [`${'a'.repeat(62)} b`, 'a'.repeat(62)],
  ])('offers for %j the name %j', (typed, offered) => {
    expect(suggestName(typed)).toBe(offered);
    if (offered) expect(tagProblem(offered)).toBeUndefined();
  });

  it.each([
    ['Web servers / Blue ones', 'Web-servers/Blue-ones'],
    ['v1.2/x', 'v1-2/x'],
    ['a//b', 'a/b'],
    [`${'a'.repeat(62)}/b`, 'a'.repeat(62)],
  ])('offers for the folder %j the folder %j', (typed, offered) => {
    expect(suggestFolder(typed)).toBe(offered);
    expect(folderProblem(offered)).toBeUndefined();
  });

  it.each(['', 'a b', 'a/', '/a', 'a.b', '-a', 'a'.repeat(64), `${'a'.repeat(40)}/${'b'.repeat(40)}`])(
    'refuses the folder %j',
    (folder) => expect(folderProblem(folder)).toBeDefined(),
  );

  it('judges labels as the API does', () => {
    expect(labelKeyProblem('tier')).toBeUndefined();
    expect(labelKeyProblem('example.com/tier')).toBeUndefined();
    for (const key of ['', '/tier', 'Example.com/tier', 'a/b/c', 'a b'])
      expect(labelKeyProblem(key)).toBeDefined();
    expect(labelValueProblem('')).toBeUndefined();
    expect(labelValueProblem('v1.2')).toBeUndefined();
    for (const value of ['-a', 'a b', 'a'.repeat(64)]) expect(labelValueProblem(value)).toBeDefined();
  });
});
