import { describe, expect, it } from 'vitest';
import { condition, instance } from '../controllers/testing';
import type { InstancePhase } from '../controllers/types';
import { INSTANCE_RULES } from './instance-rules';

const PREFIX = 'Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "web": ';
const paused = [condition('Paused', 'True', 'PausedByUser')];
const agent = [condition('AgentConnected', 'True')];

function says(action: string, vmi: ReturnType<typeof instance>, options = {}): string | undefined {
  const refusal = INSTANCE_RULES[action]?.(vmi, options);
  return refusal && `${refusal.status.code} ${refusal.status.message?.replace(PREFIX, '')}`;
}

const running = instance({ phase: 'Running' });
const asleep = instance({ phase: 'Running', conditions: paused });
const withAgent = instance({ phase: 'Running', conditions: agent });

describe('actions on a running instance', () => {
  it.each([
    ['pause', undefined],
    ['unpause', '409 VMI is not paused'],
    ['softreboot', '409 VMI neither have the agent connected nor the ACPI feature enabled'],
    ['reset', undefined],
    ['console', undefined],
    ['vnc', undefined],
    ['vnc/screenshot', undefined],
    ['guestosinfo', '409 VMI does not have guest agent connected'],
    ['usbredir', '409 Not configured with USB Redirection'],
    ['vsock', '400 VSOCK is not attached.'],
  ])('%s', (action, expected) => {
    expect(says(action, running)).toBe(expected);
  });

  it('softreboot goes through ACPI or the agent, and not while paused', () => {
    const acpi = instance({
      phase: 'Running',
      spec: { domain: { devices: {}, features: { acpi: { enabled: true } } } },
    });
    expect(says('softreboot', acpi)).toBeUndefined();
    expect(says('softreboot', withAgent)).toBeUndefined();
    expect(says('softreboot', asleep)).toBe('409 VMI is paused');
  });

  it('pause and unpause depend on what is already so', () => {
    expect(says('pause', asleep)).toBe('409 VMI is already paused');
    expect(says('unpause', asleep)).toBeUndefined();
  });

  it('freeze needs a timeout and an agent', () => {
    expect(says('freeze', withAgent)).toContain('Unfreeze timeout in freeze request is not set');
    expect(says('freeze', running, { unfreezeTimeout: '5m0s' })).toContain(
      'QEMU guest agent is not connected',
    );
    expect(says('freeze', withAgent, { unfreezeTimeout: '5m0s' })).toBeUndefined();
  });

  it('consoles need their devices', () => {
    const devices = { autoattachGraphicsDevice: false, autoattachSerialConsole: false };
    const bare = instance({ phase: 'Running', spec: { domain: { devices } } });
    expect(says('vnc', bare)).toBe('400 No graphics devices are present.');
    expect(says('vnc/screenshot', bare)).toBe('400 No graphics devices are present.');
    expect(says('console', bare)).toBe('400 No serial consoles are present.');
  });
});

describe('actions on an instance that does not run', () => {
  it.each([
    ['pause', 'Scheduling', '409 VM is not running'],
    ['unpause', 'Scheduled', '409 VMI is not running'],
    ['softreboot', 'Pending', '409 VM is not running'],
    ['guestosinfo', 'Succeeded', '409 VMI is not running'],
    ['vnc', 'Scheduled', '400 VMI is not running'],
    ['console', 'Failed', '409 VMI is in failed status'],
    ['console', 'Pending', '400 VMI is not running'],
  ] as [string, InstancePhase, string][])('%s while %s', (action, phase, expected) => {
    expect(says(action, instance({ phase }))).toBe(expected);
  });

  it('reset names the phase', () => {
    expect(says('reset', instance({ phase: 'Scheduling' }))).toContain('because phase is Scheduling');
    expect(says('reset', instance({ phase: 'Scheduled' }))).toContain('non-running VMI with phase Scheduled');
  });
});
