import { describe, expect, it } from 'vitest';
import {
  ImpersonationError,
  impersonationFromClaims,
  impersonationHeaders,
  impersonationOf,
  type OutsideIdentity,
} from './impersonation';

const SETTINGS = { tokenFile: '/token', allowSystem: [], usernamePrefix: '', groupsPrefix: '' };
const of = (identity: Partial<OutsideIdentity>, settings = {}) =>
  impersonationOf({ user: 'dana', groups: [], extra: [], ...identity }, { ...SETTINGS, ...settings });
const bytes = (text: string) => Buffer.from(text).toString('latin1');

describe('impersonationHeaders', () => {
  it('writes one header for each group and value, and keys as client-go does', () => {
    const identity = of({
      user: 'jürgen@example.org',
      uid: '7',
      groups: ['a, b', 'c'],
      extra: [
        ['scopes.example.org/view%', 'read'],
        ['Scopes.example.org/View%', 'write'],
        ['größe', 'x'],
      ],
    });
    expect(impersonationHeaders(identity, SETTINGS)).toEqual({
      'Impersonate-User': bytes('jürgen@example.org'),
      'Impersonate-Uid': '7',
      'Impersonate-Group': ['a, b', 'c'],
      'Impersonate-Extra-scopes.example.org%2Fview%25': ['read', 'write'],
      'Impersonate-Extra-gr%C3%B6%C3%9Fe': ['x'],
    });
  });

  it('never writes any without a user, whatever a session holds', () => {
    const nobody = { user: '', groups: ['team'], extra: {} };
    expect(() => impersonationHeaders(nobody, SETTINGS)).toThrow(ImpersonationError);
    const root = { user: 'dana', groups: ['system:masters'], extra: {} };
    expect(() => impersonationHeaders(root, SETTINGS)).toThrow(/system:masters/);
  });
});

describe('impersonationOf', () => {
  it.each([
    ['a name of the cluster', { user: 'system:admin' }],
    ['a service account', { user: 'system:serviceaccount:kube-system:default' }],
    ['a group of the cluster', { groups: ['team', 'system:masters'] }],
    ['nobody', { user: '' }],
    ['a line break', { user: 'dana\r\nImpersonate-Group: system:masters' }],
    ['a line break in a group', { groups: ['a\nb'] }],
    ['a blank that would be cut off', { user: ' system:admin' }],
    ['an empty group', { groups: [''] }],
    ['half a character', { user: 'dana\ud800' }],
    ['an extra without a key', { extra: [['', 'x'] as [string, string]] }],
    ['a control character in an extra', { extra: [['key', 'a\u0000'] as [string, string]] }],
    ['groups without end', { groups: Array.from({ length: 600 }, (_, index) => `g${index}`) }],
  ])('refuses %s', (_, identity) => {
    expect(() => of(identity)).toThrow(ImpersonationError);
  });

  it('takes names of the cluster that the configuration allows, and no others', () => {
    const settings = { allowSystem: ['system:masters', 'system:admin'] };
    expect(of({ user: 'system:admin', groups: ['system:masters'] }, settings)).toMatchObject({
      user: 'system:admin',
      groups: ['system:masters'],
    });
    expect(() => of({ groups: ['system:nodes'] }, settings)).toThrow(/system:nodes/);
  });

  it('leaves system:authenticated to Kubernetes, and prefixes what comes from outside', () => {
    const settings = { usernamePrefix: 'id:', groupsPrefix: 'id:' };
    expect(of({ groups: ['system:authenticated', 'ops', 'ops', 'system:masters'] }, settings)).toEqual({
      user: 'id:dana',
      groups: ['id:ops', 'id:system:masters'],
      extra: {},
    });
    expect(() => of({ user: 'masters' }, { usernamePrefix: 'system:' })).toThrow(ImpersonationError);
  });

  it('keeps keys of extras that objects have by nature', () => {
    const { extra } = of({ extra: [['__proto__', 'x']] });
    expect(Object.entries(extra)).toEqual([['__proto__', ['x']]]);
  });
});

describe('impersonationFromClaims', () => {
  const claims = {
    sub: '42',
    email: 'dana@example.org',
    email_verified: true,
    groups: ['a', 'b'],
    role: 'c',
  };

  it('reads claims as kube-apiserver does', () => {
    expect(impersonationFromClaims(claims, {}, SETTINGS)).toEqual({ user: '42', groups: [], extra: {} });
    const names = { usernameClaim: 'email', groupsClaim: 'groups', uidClaim: 'sub' };
    expect(impersonationFromClaims(claims, names, SETTINGS)).toEqual({
      user: 'dana@example.org',
      uid: '42',
      groups: ['a', 'b'],
      extra: {},
    });
    expect(impersonationFromClaims(claims, { groupsClaim: 'role' }, SETTINGS).groups).toEqual(['c']);
    expect(impersonationFromClaims(claims, { groupsClaim: 'none' }, SETTINGS).groups).toEqual([]);
  });

  it.each([
    [{ ...claims, email_verified: false }, { usernameClaim: 'email' }, /not verified/],
    [claims, { usernameClaim: 'name' }, /claim name/],
    [claims, { usernameClaim: 'constructor' }, /claim constructor/],
    [{ ...claims, groups: [1] }, { groupsClaim: 'groups' }, /claim groups/],
    [{ ...claims, groups: ['system:masters'] }, { groupsClaim: 'groups' }, /system:masters/],
  ])('refuses %j', (given, names, message) => {
    expect(() => impersonationFromClaims(given, names, SETTINGS)).toThrow(message);
  });
});
