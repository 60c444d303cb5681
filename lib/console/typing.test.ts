import { describe, expect, it } from 'vitest';
import { FakeClock } from './session-stage';
import { type Progress, pace, typingPlan } from './typing';

describe('typingPlan', () => {
  it('finds a key for every printable ASCII character', () => {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
    const { strokes, untypable } = typingPlan(ascii);
    expect(untypable).toEqual([]);
    expect(strokes).toHaveLength(95);
    expect(new Set(strokes.map(({ keysym }) => keysym)).size).toBe(95);
  });

  it('presses Shift for capitals and upper signs', () => {
    expect(typingPlan('aA1!').strokes).toEqual([
      { code: 'KeyA', keysym: 0x61, shift: false },
      { code: 'KeyA', keysym: 0x41, shift: true },
      { code: 'Digit1', keysym: 0x31, shift: false },
      { code: 'Digit1', keysym: 0x21, shift: true },
    ]);
  });

  it('makes one Enter of every kind of line end', () => {
    expect(typingPlan('a\r\nb\rc\n').strokes.filter(({ code }) => code === 'Enter')).toHaveLength(3);
  });

  it('names what has no key, each once', () => {
    expect(typingPlan('aéü€é😀').untypable).toEqual(['é', 'ü', '€', '😀']);
  });
});

describe('pace', () => {
  it('hands over one part at a time and reports the end', () => {
    const clock = new FakeClock();
    const handed: string[] = [];
    const reports: (Progress | undefined)[] = [];
    pace(
      ['a', 'b'],
      25,
      clock,
      (part) => handed.push(part),
      (progress) => reports.push(progress),
    );
    expect(handed).toEqual(['a']);
    clock.pass(24);
    expect(handed).toEqual(['a']);
    clock.pass(100);
    expect(handed).toEqual(['a', 'b']);
    expect(reports).toEqual([{ done: 1, total: 2 }, { done: 2, total: 2 }, undefined]);
  });

  it('stops when told to', () => {
    const clock = new FakeClock();
    const handed: string[] = [];
    const reports: (Progress | undefined)[] = [];
    const stop = pace(
      ['a', 'b'],
      25,
      clock,
      (part) => handed.push(part),
      (progress) => reports.push(progress),
    );
    stop();
    stop();
    clock.pass(100);
    expect(handed).toEqual(['a']);
    expect(reports).toEqual([{ done: 1, total: 2 }, undefined]);
  });
});
