import { vi } from 'vitest';

/**
 * vi.waitFor gives up after a second by default, which a busy machine can take for anything. A condition is waited for
 * as long as its test may take; what never comes true still fails there.
 */
const PATIENCE_MS = 30_000;

const waitFor = vi.waitFor;
vi.waitFor = (condition, options) =>
  waitFor(condition, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
