import { describe, expect, it } from 'vitest';
import { HIGH_BYTES, KEEP_BYTES, OutputFlow, WINDOW_BYTES } from './output-flow';

const CHUNK = 10 * 1024;

function stage() {
  const log: (number | string)[] = [];
  const written: Uint8Array[] = [];
  const parsed: (() => void)[] = [];
  const flow = new OutputFlow({
    write: (bytes, done) => {
      log.push(bytes.length);
      written.push(bytes);
      parsed.push(done);
    },
    skipped: (bytes) => log.push(`skipped ${bytes}`),
  });
  const parseAll = () => {
    for (let done = parsed.shift(); done; done = parsed.shift()) done();
  };
  return { flow, log, written, parsed, parseAll };
}

const line = (bytes = CHUNK) => new Uint8Array(bytes).fill(0x61, 0, bytes - 1).fill(0x0a, bytes - 1);

describe('OutputFlow', () => {
  it('passes everything on, in order, when the terminal keeps up', () => {
    const { flow, log, parseAll } = stage();
    for (const size of [1, 2, 3]) {
      flow.push(new Uint8Array(size));
      parseAll();
    }
    flow.push(new Uint8Array(0));
    expect(log).toEqual([1, 2, 3]);
  });

  it('never hands the terminal more than the window and one chunk', () => {
    const { flow, log, parsed } = stage();
    for (let index = 0; index < 100; index++) flow.push(line());
    expect(log.length * CHUNK).toBeLessThanOrEqual(WINDOW_BYTES + CHUNK);
    const before = log.length;
    parsed.shift()?.();
    expect(log).toHaveLength(before + 1);
  });

  it('loses nothing below the limit', () => {
    const { flow, log, parseAll } = stage();
    const chunks = Math.floor(HIGH_BYTES / CHUNK);
    for (let index = 0; index < chunks; index++) flow.push(line());
    parseAll();
    expect(log).toHaveLength(chunks);
  });

  it('bounds what waits under a flood, keeps the newest, and says how much is missing', () => {
    const { flow, log, written, parseAll } = stage();
    const chunks = Math.ceil((50 * 1024 * 1024) / CHUNK);
    let peak = 0;
    for (let index = 0; index < chunks; index++) {
      const bytes = line();
      bytes[0] = index % 256;
      flow.push(bytes);
      peak = Math.max(peak, flow.waitingBytes);
    }
    expect(peak).toBeLessThanOrEqual(HIGH_BYTES);
    parseAll();
    const skipped = log
      .filter((entry) => typeof entry === 'string')
      .map((entry) => Number(String(entry).replace('skipped ', '')));
    const passed = log
      .filter((entry) => typeof entry === 'number')
      .reduce((sum, size) => sum + Number(size), 0);
    expect(skipped).toHaveLength(1);
    expect(passed + (skipped[0] ?? 0)).toBe(chunks * CHUNK);
    expect(passed).toBeGreaterThanOrEqual(KEEP_BYTES);
    expect(written.at(-1)?.[0]).toBe((chunks - 1) % 256);
  });

  it('continues at the beginning of a line', () => {
    const { flow, written, parseAll } = stage();
    flow.push(line(WINDOW_BYTES));
    const big = new Uint8Array(HIGH_BYTES + 1).fill(0x61);
    for (let index = 99; index < big.length; index += 100) big[index] = 0x0a;
    flow.push(big);
    parseAll();
    const rest = written[1];
    expect(rest?.length).toBeLessThanOrEqual(KEEP_BYTES);
    expect(big[big.length - (rest?.length ?? 0) - 1]).toBe(0x0a);
  });
});
