import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Text } from '@/lib/text';
import { ABILITIES, ACCESS, checkOf, refusalOf, refusalText } from './abilities';
import { RESOURCES } from './resources';
import { vmAction } from './vm/actions';

const CATALOGUE = new URL('../messages/en/access.json', import.meta.url);
const messages: unknown = { access: JSON.parse(readFileSync(CATALOGUE, 'utf8')) };

/** The catalogue's template with its values put in, which is all that these messages take. */
function say({ key, values = {} }: Text): string {
  let found = messages;
  for (const part of key.split('.')) found = (found as Record<string, unknown>)[part];
  return String(found).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
const sentence = (check: Parameters<typeof refusalOf>[0]) => say(refusalText(refusalOf(check), say));

describe('a missing right in words', () => {
  it('says what cannot be done, and what it takes where', () => {
    expect(sentence(checkOf(vmAction('start').access, 'shop'))).toBe(
      'You may not start virtual machines (needs update on virtualmachines/start in shop)',
    );
    expect(sentence(checkOf(vmAction('open-vnc').access, 'shop', 'web'))).toBe(
      'You may not open VNC consoles (needs get on virtualmachineinstances/vnc in shop)',
    );
    expect(sentence(checkOf({ verb: 'list', resource: RESOURCES.virtualMachines }))).toBe(
      'You may not list virtual machines (needs list on virtualmachines in all namespaces)',
    );
    expect(sentence(checkOf(ACCESS.listNodes, 'shop'))).toBe(
      'You may not list nodes (needs list on nodes in the whole cluster)',
    );
  });

  it('takes the API’s words where the console has none', () => {
    expect(sentence({ verb: 'patch', group: 'example.com', resource: 'widgets', namespace: 'shop' })).toBe(
      'You may not patch widgets (needs patch on widgets in shop)',
    );
  });
});

describe('what the console lets people do', () => {
  it('has every thing once, and words of its own for each right', () => {
    const ids = ABILITIES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const access of ABILITIES.flatMap(({ needs }) => needs)) {
      expect(refusalOf(checkOf(access, 'shop')).doing.key).toBe(access.doing);
    }
  });

  it('asks in no namespace for what has none', () => {
    expect(checkOf(ACCESS.listNamespaces, 'shop')).toEqual({
      verb: 'list',
      group: '',
      resource: 'namespaces',
    });
  });
});
