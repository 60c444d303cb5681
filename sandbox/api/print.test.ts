import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadServerIdentity } from './certificates';
import { readJsonPath } from './json-path';
import type { KubeObject } from './objects';
import { age, humanDuration } from './print-values';
import { podStatus } from './print-workloads';
import { decodeProtobuf } from './protobuf';

describe('durations', () => {
  const seconds = (text: string) => text.split(' ').reduce((total, part) => total * 60 + Number(part), 0);
  it.each([
    ['0', '0s'],
    ['119', '119s'],
    ['120', '2m'],
    ['3 20', '3m20s'],
    ['10 0', '10m'],
    ['3 0 0', '3h'],
    ['7 59 0', '7h59m'],
    ['47 0 0', '47h'],
    ['50 0 0', '2d2h'],
    ['240 0 0', '10d'],
    ['8760 0 0', '365d'],
    ['26280 0 0', '3y'],
  ])('%s → %s', (time, text) => {
    expect(humanDuration(seconds(time) * 1000)).toBe(text);
  });

  it('is unknown without a start', () => {
    expect(age(undefined, 0)).toBe('<unknown>');
    expect(age('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:30Z'))).toBe('30s');
  });
});

describe('JSONPath', () => {
  const object = {
    status: {
      conditions: [
        { type: 'A', status: 'x' },
        { type: 'Ready', status: 'True' },
      ],
      'a.b': 1,
      list: [1, 2],
    },
  };
  it.each([
    [".status.conditions[?(@.type=='Ready')].status", 'True'],
    ['.status.conditions[0].type', 'A'],
    ['.status.conditions[*].status', 'x'],
    ['.status.a\\.b', 1],
    ['.status.list[1]', 2],
    ['.status.nothing.here', undefined],
  ])('%s', (path, value) => {
    expect(readJsonPath(object, path)).toBe(value);
  });
});

describe('the status of a pod', () => {
  const pod = (status: object, metadata: object = {}) =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { initContainers: [{}, {}] },
      status,
    }) as unknown as KubeObject;
  const waiting = (reason: string) => ({ state: { waiting: { reason } } });
  it.each([
    ['Pending', { phase: 'Pending' }, {}],
    ['ImagePullBackOff', { phase: 'Pending', containerStatuses: [waiting('ImagePullBackOff')] }, {}],
    [
      'Init:1/2',
      {
        phase: 'Pending',
        initContainerStatuses: [{ state: { terminated: { exitCode: 0 } } }, { state: { running: {} } }],
      },
      {},
    ],
    [
      'Init:Error',
      {
        phase: 'Pending',
        initContainerStatuses: [{ state: { terminated: { exitCode: 1, reason: 'Error' } } }],
      },
      {},
    ],
    ['ExitCode:3', { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] }, {}],
    ['Terminating', { phase: 'Running' }, { deletionTimestamp: 'x' }],
    [
      'SchedulingGated',
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] },
      {},
    ],
  ])('%s', (text, status, metadata) => {
    expect(podStatus(pod(status, metadata))).toBe(text);
  });
});

describe('protobuf', () => {
  it('reads what kubectl auth can-i sends', () => {
    // {namespace: dev, verb: get, resource: pods} in a SelfSubjectAccessReview, in runtime.Unknown.
    const text = (tag: number, value: string) =>
      Buffer.concat([Buffer.from([tag, value.length]), Buffer.from(value)]);
    const wrap = (tag: number, ...parts: Buffer[]) => text(tag, Buffer.concat(parts).toString('latin1'));
    const attributes = wrap(0x0a, text(0x0a, 'dev'), text(0x12, 'get'), text(0x1a, ''), text(0x2a, 'pods'));
    const review = wrap(0x12, attributes);
    const type = wrap(0x0a, text(0x0a, 'authorization.k8s.io/v1'), text(0x12, 'SelfSubjectAccessReview'));
    const body = Buffer.concat([Buffer.from('k8s\0'), type, wrap(0x12, review)]);
    expect(decodeProtobuf(body)).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: 'dev', verb: 'get', resource: 'pods' } },
    });
    expect(decodeProtobuf(Buffer.from('{}'))).toBeUndefined();
  });
});

describe('the certificate', () => {
  it('is good for loopback names under its own CA', () => {
    const { ca, certificate } = loadServerIdentity(undefined);
    const server = new X509Certificate(certificate);
    expect(server.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(server.checkIssued(new X509Certificate(ca))).toBe(true);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkIP('::1')).toBe('::1');
  });
});
