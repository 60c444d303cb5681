import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '../testing';
import { findKubectl } from './kubectl/kubectl';
import type { Outcome } from './operation';
import { kubectlOperations, runKubectl } from './run-kubectl';

const program = findKubectl(process.env.PORTLIGHT_KUBECTL ?? 'kubectl');

describe('kubectl', () => {
  if (!program) {
    it('is not on this machine', () => expect(program).toBeUndefined());
    return;
  }
  let outcomes: Outcome[] = [];
  let sandbox: TestSandbox;

  beforeAll(async () => {
    sandbox = await TestSandbox.start();
    outcomes = await runKubectl(program, sandbox);
  });
  afterAll(() => sandbox.close());

  for (const [index, { name, since = 0 }] of kubectlOperations.entries()) {
    const state = program.minor < since ? 'unknown to this version' : 'as expected';
    it(name, () => expect(outcomes[index]).toEqual({ name, state }));
  }
});
