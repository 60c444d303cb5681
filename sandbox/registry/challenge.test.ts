import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge';

describe('parseChallenges', () => {
  it('reads where a token is to be had, and for what', () => {
    const header =
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      },
    ]);
  });

  it('reads several schemes in one header, and leaves out those that it does not know', () => {
    const header =
      'Negotiate, Digest realm="x", nonce=abc, BASIC realm="A \\"quoted\\" realm", Bearer realm=y';
    expect(parseChallenges(header)).toEqual([
      { scheme: 'basic', parameters: { realm: 'A "quoted" realm' } },
      { scheme: 'bearer', parameters: { realm: 'y' } },
    ]);
  });

  it('finds nothing in nothing', () => {
    expect(parseChallenges('')).toEqual([]);
  });
});
