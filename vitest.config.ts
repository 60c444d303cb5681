import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const setupFiles = [fileURLToPath(new URL('tools/wait-patiently.ts', import.meta.url))];
const alias = { '@': fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '') };

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          setupFiles,
          // A condition that takes a busy machine longer than usual is no failure.
          testTimeout: 40_000,
          include: ['{lib,server,sandbox,components,tools}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.contract.test.ts', '**/*.soak.test.ts', '**/*.long.test.ts'],
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'contract',
          setupFiles,
          include: ['{server,sandbox,e2e}/**/*.contract.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 240_000,
        },
      },
      { resolve: { alias }, test: { name: 'soak', include: ['sandbox/**/*.soak.test.ts'] } },
      {
        resolve: { alias },
        test: {
          name: 'long',
          setupFiles,
          include: ['sandbox/**/*.long.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
