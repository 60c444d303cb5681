/**
 * The same text for equal texts, the same list for equal lists: what comes from JSON is a copy of its own each time, and
 * 100,000 VMs have few nodes, operating systems and conditions. Never change a shared list.
 */
const texts = new Map<string, string>();
const lists = new Map<string, readonly string[]>();
const MAX_SHARED = 20_000;

export function sharedText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  // What is remembered may be forgotten at any time: then there are two copies for a while.
  if (texts.size >= MAX_SHARED) texts.clear();
  texts.set(text, text);
  return text;
}

export function sharedList(list: string[]): string[] {
  const key = list.join('\0');
  const known = lists.get(key);
  // Rows are typed as what travels; nobody writes into them.
  if (known) return known as string[];
  if (lists.size >= MAX_SHARED) lists.clear();
  const shared = list.map(sharedText);
  lists.set(key, shared);
  return shared;
}
