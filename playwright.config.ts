import { defineConfig } from '@playwright/test';
import { findProgram } from './tools/machine.mjs';

// A machine with a way out must give the same answers as one without.
process.env.PORTLIGHT_SANDBOX_REGISTRIES ??= 'loopback';

/** End to end in the machine's own Chromium, against the built console on a sandbox with real guests. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: '.cache/e2e/results',
  globalSetup: './e2e/support/start-console.ts',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  // Guests boot under software emulation on shared cores: deadlines are far, conditions are near.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      // Never a browser of Playwright's own: Debian's, wherever PATH finds it.
      executablePath: process.env.CHROMIUM ?? findProgram('chromium') ?? 'chromium',
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-quic',
        '--disable-gpu',
      ],
    },
  },
});
