import { describe, expect, it } from 'vitest';
import { closeFrame, FrameTracker } from './frame-tracker';

function frame(size: number, opcode = 2, mask = false): Uint8Array {
  const length =
    size < 126
      ? [size]
      : size < 65_536
        ? [126, size >> 8, size & 255]
        : [127, 0, 0, 0, 0, 0, size >> 16, (size >> 8) & 255, size & 255];
  const [first = 0, ...more] = length;
  const header = [0x80 | opcode, first | (mask ? 0x80 : 0), ...more, ...(mask ? [1, 2, 3, 4] : [])];
  const bytes = new Uint8Array(header.length + size).fill(0x88);
  bytes.set(header);
  return bytes;
}

describe('FrameTracker', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 100_000])(
    'knows the end of a frame of %i bytes, however it is cut',
    (size) => {
      for (const mask of [false, true]) {
        for (const step of [1, 3, 4_096, 1_000_000]) {
          const tracker = new FrameTracker();
          let tooEarly = 0;
          const bytes = frame(size, 2, mask);
          for (let offset = 0; offset < bytes.length; offset += step) {
            if (offset > 0 && tracker.canInject) tooEarly += 1;
            tracker.push(bytes.subarray(offset, offset + step));
          }
          expect({ tooEarly, atEnd: tracker.canInject }).toEqual({ tooEarly: 0, atEnd: true });
        }
      }
    },
  );

  it('follows several frames in one chunk', () => {
    const tracker = new FrameTracker();
    const bytes = Buffer.concat([frame(5), frame(70_000), frame(0, 9), frame(200)]);
    tracker.push(bytes.subarray(0, bytes.length - 1));
    expect(tracker.canInject).toBe(false);
    tracker.push(bytes.subarray(bytes.length - 1));
    expect(tracker.canInject).toBe(true);
  });

  it('finds the end of the frame that is under way, wherever in a chunk that is', () => {
    const bytes = Buffer.concat([frame(70_000), frame(7)]);
    for (const begun of [1, 5, 10, 60_000]) {
      const tracker = new FrameTracker();
      tracker.push(bytes.subarray(0, begun));
      expect(tracker.pushFrame(bytes.subarray(begun))).toBe(70_010 - begun);
      expect(tracker.canInject).toBe(true);
      expect(tracker.pushFrame(bytes.subarray(70_010))).toBe(0);
    }
  });

  it('says why it closes, in as many words as a close takes', () => {
    const [first, length, high, low, ...words] = closeFrame(4403, 'Needs get');
    expect([first, length, ((high ?? 0) << 8) | (low ?? 0)]).toEqual([0x88, 11, 4403]);
    expect(Buffer.from(words).toString()).toBe('Needs get');
    const long = closeFrame(4403, 'ä'.repeat(200));
    expect(long[1]).toBeLessThanOrEqual(125);
    expect(Buffer.from(long.slice(4)).toString()).toMatch(/^ä+…$/);
  });

  it('puts nothing in after a close', () => {
    const tracker = new FrameTracker();
    tracker.push(closeFrame(1000));
    expect(tracker.canInject).toBe(false);
  });
});
