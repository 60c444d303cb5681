import { describe, expect, it } from 'vitest';
import { keyLines, keyProblem, readSshKey } from './ssh-key';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEw2ZkQyYzhjM2Y0YjVhNmQ3ZThmOWEwYjFjMmQzZTQ= ada@laptop';

describe('readSshKey', () => {
  it('reads keys with comments and options', () => {
    expect(readSshKey(ED25519)).toEqual({ type: 'ssh-ed25519', comment: 'ada@laptop' });
    expect(readSshKey(`no-pty,command="ls" ${ED25519}`)).toMatchObject({ type: 'ssh-ed25519' });
  });

  it.each([
    ['-----BEGIN OPENSSH PRIVATE KEY-----', 'guest.key.private'],
    ['hello there', 'guest.key.type'],
    ['ssh-ed25519', 'guest.key.noBody'],
    ['ssh-ed25519 AAAAC3Nza', 'guest.key.body'],
    [ED25519.replace('ssh-ed25519', 'ssh-rsa'), 'guest.key.body'],
    ['ssh-ed25519 %%%', 'guest.key.body'],
    ['ssh-dss AAAA', 'guest.key.old'],
  ])('says what is wrong with %j', (line, key) => {
    expect(readSshKey(line)).toMatchObject({ key });
  });

  it('names the line of several', () => {
    const pasted = `# mine\n${ED25519}\n\nssh-rsa x\n`;
    expect(keyLines(pasted)).toEqual([ED25519, 'ssh-rsa x']);
    expect(keyProblem(pasted)).toMatchObject({ line: 4 });
    expect(keyProblem(`\n${ED25519}`)).toBeUndefined();
  });
});
