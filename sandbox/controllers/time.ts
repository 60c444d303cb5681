import { clock } from '../clock';

/** A moment as metav1.Time writes it: RFC 3339 in whole seconds, UTC. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Now, as metav1.Time. */
export function now(): string {
  return timestamp(clock.millis());
}
