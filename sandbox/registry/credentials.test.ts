import { describe, expect, it } from 'vitest';
import { credentialsFor } from './credentials';

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const config = (auths: object) => JSON.stringify({ auths });

describe('credentialsFor', () => {
  it('takes those of the host, the longest path first', () => {
    const text = config({
      'quay.io': auth('anyone:1'),
      'https://quay.io/team': auth('team:2'),
      'quay.io/teams': auth('others:3'),
      'ghcr.io': auth('elsewhere:4'),
    });
    expect(credentialsFor({ host: 'quay.io', repository: 'team/disk' }, text)).toEqual([
      { username: 'team', password: '2' },
      { username: 'anyone', password: '1' },
    ]);
  });

  it('knows the old name of Docker Hub, patterns, ports and passwords with a colon', () => {
    const hub = config({ 'https://index.docker.io/v1/': auth('me:a:b') });
    expect(credentialsFor({ host: 'docker.io', repository: 'library/fedora' }, hub)).toEqual([
      { username: 'me', password: 'a:b' },
    ]);
    const wild = config({ '*.azurecr.io': { username: 'u', password: 'p' } });
    expect(credentialsFor({ host: 'lab.azurecr.io', repository: 'x' }, wild)).toHaveLength(1);
    expect(credentialsFor({ host: 'a.lab.azurecr.io', repository: 'x' }, wild)).toHaveLength(0);
    const port = config({ '127.0.0.1:5000': auth('u:p') });
    expect(credentialsFor({ host: '127.0.0.1:5001', repository: 'x' }, port)).toHaveLength(0);
    expect(credentialsFor({ host: '127.0.0.1:5000', repository: 'x' }, port)).toHaveLength(1);
  });

  it('reads the older form, and nothing from what is neither', () => {
    const older = JSON.stringify({ 'quay.io': auth('u:p') });
    expect(credentialsFor({ host: 'quay.io', repository: 'x' }, older)).toHaveLength(1);
    for (const text of ['', 'null', '{"auths":{"quay.io":{"auth":"%%%"}}}']) {
      expect(credentialsFor({ host: 'quay.io', repository: 'x' }, text)).toEqual([]);
    }
  });
});
