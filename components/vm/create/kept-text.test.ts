import { describe, expect, it } from 'vitest';
import { broughtBack, keepableText } from './kept-text';

const text = `# mine
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web # the name
---
apiVersion: v1
kind: Secret
metadata:
  name: web-login
stringData:
  userdata: |
    #cloud-config
    user: fedora
    password: hunter2
`;

describe('a draft that a browser keeps', () => {
  it('has everything but the values of Secrets, and gets a password of its own when it comes back', () => {
    const kept = keepableText(text);
    expect(kept).not.toContain('hunter2');
    expect(kept).toContain('name: web # the name');
    const back = broughtBack(kept ?? '');
    expect(back.hasFreshPasswords).toBe(true);
    expect(back.text).toMatch(/password: \w{4}-\w{4}-/);
    expect(back.text).toContain('# mine');
  });

  it('is the text itself where nothing in it is secret, and not kept while nobody can tell', () => {
    const open = text.slice(0, text.indexOf('---'));
    expect(keepableText(open)).toBe(open);
    expect(broughtBack(open)).toEqual({ text: open, hasFreshPasswords: false });
    expect(keepableText(`${text}  broken: [`)).toBeUndefined();
    expect(keepableText('name: [')).toBe('name: [');
  });
});
