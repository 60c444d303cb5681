import { expect, it } from 'vitest';
import { lastChange } from './last-change';

const changed = (...managedFields: unknown[]) => ({ metadata: { managedFields } });

it('names the newest manager that changed more than status', () => {
  expect(
    lastChange(
      changed(
        { manager: 'kubectl-create', time: '2026-01-01T00:00:00Z' },
        { manager: 'kubectl-edit', time: '2026-01-01T00:00:09Z' },
        { manager: 'virt-controller', time: '2026-01-01T00:00:10Z', subresource: 'status' },
      ),
    ),
  ).toEqual({ manager: 'kubectl-edit', time: '2026-01-01T00:00:09Z' });
});

it('says nothing when the server does not', () => {
  expect(lastChange({ metadata: {} })).toBeUndefined();
  expect(lastChange(changed({ manager: 'a' }, null))).toBeUndefined();
});
