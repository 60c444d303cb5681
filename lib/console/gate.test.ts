import { describe, expect, it } from 'vitest';
import { facts, live, stage } from './session-stage';

describe('what the virtual machine allows', () => {
  it('says that nothing is known before the first answer', () => {
    const { name, session, sockets } = stage();
    expect(name()).toBe('loading');
    session.observe({ feed: 'loading' });
    expect(name()).toBe('loading');
    expect(sockets).toHaveLength(0);
  });

  it('says that the cluster does not answer when it never did', () => {
    const { session } = stage();
    session.observe({ feed: 'paused', feedRetryAt: 7 });
    expect(session.getState()).toEqual({ name: 'cluster-lost', retryAt: 7 });
  });

  it('says that there is no such virtual machine', () => {
    const { name, session } = stage();
    session.observe(live());
    expect(name()).toBe('absent');
  });

  it("repeats the API's words when the virtual machine may not be watched", () => {
    const { session } = stage();
    session.observe({ feed: 'refused', refusal: { code: 403, message: 'forbidden: User "eve"' } });
    expect(session.getState()).toEqual({
      name: 'refused',
      refusal: { code: 403, message: 'forbidden: User "eve"' },
    });
  });

  it.each([
    ['Stopped', [], { name: 'stopped', stopping: false }],
    ['Stopping', [], { name: 'stopped', stopping: true }],
    ['Terminating', [], { name: 'stopped', stopping: true }],
    ['Stopped', ['Start'], { name: 'starting', waitsFor: 'request', status: 'Stopped' }],
    ['Starting', [], { name: 'starting', waitsFor: 'request', status: 'Starting' }],
    ['Provisioning', [], { name: 'starting', waitsFor: 'storage', status: 'Provisioning' }],
    ['CrashLoopBackOff', [], { name: 'starting', waitsFor: 'crash', status: 'CrashLoopBackOff' }],
    ['SomethingNew', [], { name: 'starting', waitsFor: 'other', status: 'SomethingNew' }],
  ] as const)('without an instance, %s %j', (printableStatus, requests, state) => {
    const { session, sockets } = stage();
    session.observe(live(facts({ printableStatus, requests: [...requests] }, null)));
    expect(session.getState()).toEqual(state);
    expect(sockets).toHaveLength(0);
  });

  it.each([
    ['Pending', 'Starting', 'schedule'],
    ['Pending', 'ErrorUnschedulable', 'capacity'],
    ['Scheduling', 'Starting', 'node'],
    ['Scheduling', 'ImagePullBackOff', 'image'],
    ['Scheduled', 'Starting', 'guest'],
    ['Unknown', 'Unknown', 'lostNode'],
  ] as const)('an instance in phase %s (%s) waits for %s', (phase, printableStatus, waitsFor) => {
    const { session } = stage();
    session.observe(live(facts({ printableStatus }, { phase })));
    expect(session.getState()).toEqual({ name: 'starting', waitsFor, status: printableStatus });
  });

  it.each(['Succeeded', 'Failed'])('an instance in phase %s is over', (phase) => {
    const { name, session } = stage();
    session.observe(live(facts({ printableStatus: 'Stopped' }, { phase })));
    expect(name()).toBe('stopped');
  });

  it('names the field that takes the device away', () => {
    const screen = stage('vnc');
    screen.session.observe(live(facts({}, { graphics: false })));
    expect(screen.session.getState()).toEqual({
      name: 'no-device',
      field: 'spec.template.spec.domain.devices.autoattachGraphicsDevice',
    });
    const serial = stage('serial');
    serial.session.observe(live(facts({}, { graphics: false })));
    expect(serial.name()).toBe('connecting');
    serial.session.observe(live(facts({}, { serial: false })));
    expect(serial.session.getState()).toMatchObject({ field: expect.stringContaining('SerialConsole') });
    expect(serial.socket().closed).toBe(true);
  });
});
