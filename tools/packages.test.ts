import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAudit } from './audit.mjs';
import { isAllowed, LICENCES_FILE, licencesPage, readLock, shippedPackages } from './licences.mjs';

interface Locked {
  version: string;
  optional?: boolean;
  devOptional?: boolean;
  peer?: boolean;
}

describe('packages', () => {
  it('are installed in the versions of the lock file', () => {
    const packages = Object.entries(readLock().packages as Record<string, Locked>);
    const wanted = packages.filter(
      ([place, { optional, devOptional, peer }]) => place && !optional && !devOptional && !peer,
    );
    expect(wanted.length).toBeGreaterThan(100);
    const others = wanted.filter(([place, { version }]) => {
      const file = `${place}/package.json`;
      return !existsSync(file) || JSON.parse(readFileSync(file, 'utf8')).version !== version;
    });
    expect(others.map(([place]) => place)).toEqual([]);
  });

  it('are locked with a checksum each', () => {
    const packages = Object.entries(readLock().packages as Record<string, { integrity?: string }>);
    expect(packages.filter(([place, { integrity }]) => place && !integrity).map(([place]) => place)).toEqual(
      [],
    );
  });

  it('have licences that may be shipped, and are listed with them', () => {
    const shipped = shippedPackages(readLock());
    expect(shipped.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
    // Otherwise: node tools/licences.mjs
    expect(readFileSync(LICENCES_FILE, 'utf8')).toBe(licencesPage(shipped));
  });

  it('may have several licences, or a choice of them', () => {
    expect(isAllowed('MIT AND Apache-2.0')).toBe(true);
    expect(isAllowed('(GPL-3.0-only OR MIT)')).toBe(true);
    for (const licence of ['GPL-3.0-only', 'MIT AND AGPL-3.0-only', 'SEE LICENSE IN x', '', undefined]) {
      expect(isAllowed(licence)).toBe(false);
    }
  });
});

describe('readAudit', () => {
  it('finds what is high, and nothing below', () => {
    const vulnerabilities = {
      a: { name: 'a', severity: 'high', via: [{ title: 'Reads beyond the end' }] },
      b: { name: 'b', severity: 'critical', via: ['a'] },
      c: { name: 'c', severity: 'moderate', via: [] },
    };
    expect(readAudit(JSON.stringify({ vulnerabilities }))).toEqual({
      found: ['a (high: Reads beyond the end)', 'b (critical)'],
    });
    expect(readAudit('{"vulnerabilities":{}}')).toEqual({ found: [] });
  });

  it.each([
    ['{"statusCode":405,"message":"405 Method Not Allowed"}', 'the registry answered 405'],
    ['{"error":{"code":"ENOTFOUND"}}', 'the registry answered ENOTFOUND'],
    ['{}', 'the registry gave no report'],
    ['', 'the registry gave no report'],
  ])('says why nobody knows: %s', (output, unavailable) => {
    expect(readAudit(output)).toEqual({ unavailable });
  });
});
