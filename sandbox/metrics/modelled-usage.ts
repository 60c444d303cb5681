import { guestBytes, overheadBytes, vcpusOf } from '../controllers/instance-size';
import type { InstanceSpec } from '../controllers/types';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export interface Usage {
  cpuCores: number;
  memoryBytes: number;
}

/**
 * What a machine that is only its state would take at a moment. Its whole existence is a model, and so is its load:
 * the same machine at the same moment takes the same, most take little, a few nearly all that they have, and each
 * swings by day and by the minute in a rhythm of its own. A paused machine computes nothing.
 */
export function modelledUsage(uid: string, spec: InstanceSpec, atMs: number, paused: boolean): Usage {
  const habit = fractionOf(uid, 'habit');
  const rhythm = (name: string, periodMs: number) =>
    Math.sin(2 * Math.PI * (atMs / periodMs + fractionOf(uid, name)));
  // Cubed: out of ten machines seven idle below a third of what they have.
  const base = 0.01 + 0.8 * habit ** 3;
  const swing = 1 + 0.35 * rhythm('day', DAY_MS) + 0.25 * rhythm('minutes', (4 + 12 * habit) * MINUTE_MS);
  const share = Math.min(1, Math.max(0.002, base * swing));
  const filled = 0.3 + 0.55 * fractionOf(uid, 'memory') + 0.04 * rhythm('memory-swing', 3 * DAY_MS);
  return {
    cpuCores: paused ? 0 : vcpusOf(spec) * share,
    memoryBytes: Math.round(guestBytes(spec) * filled + overheadBytes(spec) / 2),
  };
}

/** A number in [0, 1) that belongs to a machine and a purpose (FNV-1a). */
function fractionOf(uid: string, purpose: string): number {
  let hash = 0x811c9dc5;
  for (const text of [uid, purpose]) {
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
  }
  // The last characters would otherwise only reach the low bits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
