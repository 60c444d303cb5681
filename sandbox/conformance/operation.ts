import { AssertionError } from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 20_000;
const LOOK_MS = 30;

/** One thing that a client can do, and the proof that the cluster did it. */
export interface Operation<Client> {
  /** What is done, as its user would type or call it. Unique among the operations of a client. */
  name: string;
  /**
   * In what the cluster differs from a real one here, and why: a sentence for the table. `run` then proves exactly this
   * difference.
   */
  differs?: string;
  /** The first minor version of the client that knows the operation. */
  since?: number;
  /** It disturbs what others do on the same cluster, and runs when they are done. */
  alone?: boolean;
  /** Rejects when the outcome is another than expected. */
  run(client: Client): Promise<void>;
}

/** Operations of one subject, a heading in the table. */
export interface Chapter<Client> {
  title: string;
  operations: Operation<Client>[];
}

export type Outcome = { name: string } & (
  | { state: 'as expected' }
  | { state: 'unknown to this version' }
  | { state: 'failed'; reason: string }
);

/** Looks until `look` finds something; rejects with what it was waiting for. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, what: string): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new AssertionError({ message: `waited in vain for ${what}` });
    await delay(LOOK_MS);
  }
}

/** Runs operations, `width` at a time; the outcomes come in the order of the operations. */
export async function runAll<Client>(
  operations: Operation<Client>[],
  minor: number,
  clientFor: (operation: Operation<Client>) => Promise<Client>,
  width: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const pending = operations.entries();
  const last: number[] = [];
  const run = async (index: number, operation: Operation<Client>) => {
    outcomes[index] = await outcomeOf(operation, minor, clientFor);
  };
  const work = async () => {
    // One iterator for all workers: each takes what the others left.
    for (const [index, operation] of pending) {
      if (operation.alone) last.push(index);
      else await run(index, operation);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  for (const index of last) {
    const operation = operations[index];
    if (operation) await run(index, operation);
  }
  return outcomes;
}

async function outcomeOf<Client>(
  operation: Operation<Client>,
  minor: number,
  clientFor: (operation: Operation<Client>) => Promise<Client>,
): Promise<Outcome> {
  const { name, since = 0 } = operation;
  if (minor < since) return { name, state: 'unknown to this version' };
  try {
    await operation.run(await clientFor(operation));
    return { name, state: 'as expected' };
  } catch (error) {
    return { name, state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** All operations of some chapters. */
export function operationsOf<Client>(chapters: Chapter<Client>[]): Operation<Client>[] {
  return chapters.flatMap(({ operations }) => operations);
}
