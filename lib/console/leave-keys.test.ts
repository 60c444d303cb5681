import { describe, expect, it } from 'vitest';
import { type KeyPress, leaveKeys } from './leave-keys';

const press = (type: string, key: string, held = ''): KeyPress => ({
  type,
  key,
  ctrlKey: held.includes('c'),
  altKey: held.includes('a'),
  shiftKey: held.includes('s'),
});

function run(...presses: KeyPress[]): number {
  let left = 0;
  const listen = leaveKeys(() => {
    left += 1;
  });
  for (const event of presses) listen(event);
  return left;
}

const ALL_DOWN = [
  press('keydown', 'Control', 'c'),
  press('keydown', 'Alt', 'ca'),
  press('keydown', 'Shift', 'cas'),
];

describe('leaveKeys', () => {
  it('leaves once when the three are let go', () => {
    expect(
      run(...ALL_DOWN, press('keyup', 'Shift', 'ca'), press('keyup', 'Alt', 'c'), press('keyup', 'Control')),
    ).toBe(1);
  });

  it('knows that Alt with Shift may call itself Meta', () => {
    expect(run(press('keydown', 'Meta', 'cas'), press('keyup', 'Meta', 'cs'))).toBe(1);
  });

  it('leaves combinations with a further key to the guest', () => {
    expect(
      run(
        ...ALL_DOWN,
        press('keydown', 'F1', 'cas'),
        press('keyup', 'F1', 'cas'),
        press('keyup', 'Alt', 'cs'),
      ),
    ).toBe(0);
  });

  it('does not leave for two of them', () => {
    expect(
      run(press('keydown', 'Control', 'c'), press('keydown', 'Alt', 'ca'), press('keyup', 'Alt', 'c')),
    ).toBe(0);
  });
});
