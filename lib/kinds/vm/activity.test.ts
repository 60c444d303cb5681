import { describe, expect, it } from 'vitest';
import type { EventObject } from '@/lib/kinds/event';
import { changesOf, newestVmEvents } from './activity';

describe('changesOf', () => {
  it('tells who changed what, newest first, and leaves out who only reports status', () => {
    expect(
      changesOf([
        {
          manager: 'kubectl-create',
          operation: 'Update',
          time: '2026-11-22T10:00:00Z',
          fieldsV1: {
            'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
            'f:spec': {
              '.': {},
              'f:runStrategy': {},
              'f:template': { 'f:spec': { 'f:domain': { 'f:cpu': { 'f:cores': {} } } } },
            },
          },
        },
        {
          manager: 'portlight',
          time: '2026-11-22T11:00:00Z',
          fieldsV1: { 'f:metadata': { 'f:labels': { 'f:tag.portlight.io/prod': {} } } },
        },
        {
          manager: 'kubectl-edit',
          time: '2026-11-22T11:30:00Z',
          fieldsV1: { 'f:metadata': { 'f:finalizers': { 'v:"keep"': {} } } },
        },
        {
          manager: 'virt-controller',
          time: '2026-11-22T12:00:00Z',
          subresource: 'status',
          fieldsV1: { 'f:status': { 'f:ready': {} } },
        },
        { manager: 'ancient', time: 'never', fieldsV1: { 'f:spec': { 'f:running': {} } } },
      ]),
    ).toEqual([
      { manager: 'kubectl-edit', time: '2026-11-22T11:30:00Z', fields: ['metadata.finalizers'] },
      {
        manager: 'portlight',
        time: '2026-11-22T11:00:00Z',
        fields: ['metadata.labels.tag.portlight.io/prod'],
      },
      {
        manager: 'kubectl-create',
        time: '2026-11-22T10:00:00Z',
        fields: ['metadata.labels.app', 'spec.runStrategy', 'spec.template.spec'],
      },
    ]);
  });
});

const event = (uid: string, kind: string, lastTimestamp: string): EventObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: uid, namespace: 'shop', uid, resourceVersion: '1', creationTimestamp: lastTimestamp },
  involvedObject: { kind, name: 'web', namespace: 'shop' },
  reason: uid,
  lastTimestamp,
});

describe('newestVmEvents', () => {
  it('keeps the newest of VMs and VMIs, and counts all of them', () => {
    const { events, total } = newestVmEvents(
      [
        event('old', 'VirtualMachine', '2026-11-22T10:00:00Z'),
        event('pod', 'Pod', '2026-11-22T13:00:00Z'),
        event('new', 'VirtualMachineInstance', '2026-11-22T12:00:00Z'),
        event('middle', 'VirtualMachine', '2026-11-22T11:00:00Z'),
      ],
      2,
    );
    expect(events.map(({ uid, namespace }) => [uid, namespace])).toEqual([
      ['new', 'shop'],
      ['middle', 'shop'],
    ]);
    expect(total).toBe(3);
  });
});
