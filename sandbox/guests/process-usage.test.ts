import { describe, expect, it } from 'vitest';
import { parseStat, processUsage } from './process-usage';

describe('the usage of a process', () => {
  it('is read behind a name with blanks and parentheses', () => {
    const line =
      '42 (qemu (a) b) S 1 42 42 0 -1 4194560 1 0 0 0 1250 250 0 0 20 0 4 0 5000 900000 2560 184467440737 1 1';
    expect(parseStat(line)).toEqual({
      cpuSeconds: 15,
      userSeconds: 12.5,
      systemSeconds: 2.5,
      memoryBytes: 2560 * 4096,
    });
  });

  it('grows while the process works', () => {
    const before = processUsage(process.pid);
    const end = performance.now() + 150;
    let turns = 0;
    while (performance.now() < end || turns === 0) turns += 1;
    const after = processUsage(process.pid);
    expect(after?.cpuSeconds).toBeGreaterThan(before?.cpuSeconds ?? Number.POSITIVE_INFINITY);
    const resident = process.memoryUsage().rss;
    expect(after?.memoryBytes).toBeGreaterThan(resident / 2);
    expect(after?.memoryBytes).toBeLessThan(resident * 2);
  });

  it('is unknown once the process is gone', () => {
    expect(processUsage(2 ** 22 + 1)).toBeUndefined();
  });
});
