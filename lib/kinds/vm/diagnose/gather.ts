import { type Look, type Looks, type Read, readsFor, type Target } from './plan';

/** No chain of things that name each other is longer: VM, instance, pod, events. */
const MAX_ROUNDS = 8;

/** Looks at everything once that a VM depends on, each look naming what to look at next. */
export async function gather(target: Target, ask: (read: Read) => Promise<Look>): Promise<Looks> {
  const looks = new Map<string, Look>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const open = readsFor(target, looks).filter(({ key }) => !looks.has(key));
    if (open.length === 0) break;
    const answers = await Promise.all(open.map(ask));
    for (const [index, read] of open.entries()) {
      const answer = answers[index];
      if (answer) looks.set(read.key, answer);
    }
  }
  return looks;
}

/** What a refusal of the API means for a read. */
export function refusedLook(code: number, words: string): Look {
  if (code === 403 || code === 401) return { sight: 'denied', words };
  return { sight: code === 404 ? 'absent' : 'unreachable', words };
}
