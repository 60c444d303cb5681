import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const alias = { '@': fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '') };

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['{lib,server,sandbox,components,tools}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.contract.test.ts', '**/*.soak.test.ts'],
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'contract',
          include: ['{server,sandbox,e2e}/**/*.contract.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 240_000,
        },
      },
      { resolve: { alias }, test: { name: 'soak', include: ['sandbox/**/*.soak.test.ts'] } },
    ],
  },
});
