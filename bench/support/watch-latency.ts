import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxProcess } from './sandbox-process';

const VMS = '/apis/kubevirt.io/v1/virtualmachines';
const MARK = 'bench.example.com/sent';
const WRITES = 600;
/** An open timetable: a late answer delays nothing that follows. */
const EVERY_MS = 40;
const LAST_MS = 10_000;

export interface Latency {
  /** Milliseconds from the time at which a write was due to its arrival at the watcher. */
  waits: number[];
  lost: number;
}

interface Named {
  metadata: { namespace: string; name: string };
}

/** Marks VMs one after the other and waits for each mark in a watch of all of them. */
export async function changeLatency(sandbox: SandboxProcess): Promise<Latency> {
  const { text } = await sandbox.read('GET', `${VMS}?limit=${WRITES}`);
  const { items, metadata } = JSON.parse(text) as { items: Named[]; metadata: { resourceVersion: string } };
  const arrivals = new Arrivals();
  const path = `${VMS}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const stop = sandbox.watch(path, (line) => arrivals.see(line));
  await onTime(items.length, (index, due) => {
    const { namespace, name } = items[index]?.metadata ?? { namespace: '', name: '' };
    const where = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${name}`;
    return sandbox.read('PATCH', where, { metadata: { annotations: { [MARK]: arrivals.send(index, due) } } });
  });
  const result = await arrivals.result();
  stop();
  return result;
}

/** The same against an emitter. */
export async function floorLatency(url: string): Promise<Latency> {
  const arrivals = new Arrivals();
  const abort = new AbortController();
  const response = await fetch(`${url}/watch`, { signal: abort.signal });
  const reading = read(response, (line) => arrivals.see(line)).catch(() => {});
  await onTime(WRITES, (index, due) => {
    const body = JSON.stringify({ index, annotations: { [MARK]: arrivals.send(index, due) } });
    return fetch(url, { method: 'PATCH', body }).then((answer) => answer.text());
  });
  const result = await arrivals.result();
  abort.abort();
  await reading;
  return result;
}

class Arrivals {
  private readonly sent = new Map<string, number>();
  private readonly waits: number[] = [];

  send(index: number, due: number): string {
    const mark = `mark-${index}`;
    this.sent.set(mark, due);
    return mark;
  }

  see(line: string): void {
    const at = line.indexOf(`"${MARK}":"`);
    if (at < 0) return;
    const from = at + MARK.length + 4;
    const mark = line.slice(from, line.indexOf('"', from));
    const sent = this.sent.get(mark);
    if (sent === undefined) return;
    this.sent.delete(mark);
    this.waits.push(performance.now() - sent);
  }

  async result(): Promise<Latency> {
    const until = performance.now() + LAST_MS;
    while (this.sent.size > 0 && performance.now() < until) await sleep(50);
    return { waits: this.waits, lost: this.sent.size };
  }
}

async function onTime(count: number, send: (index: number, due: number) => Promise<unknown>): Promise<void> {
  const from = performance.now();
  const answers: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = from + index * EVERY_MS;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    answers.push(send(index, due));
  }
  await Promise.all(answers);
}

async function read(response: Response, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  }
}
