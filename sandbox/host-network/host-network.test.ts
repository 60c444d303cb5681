import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ClusterApi, KubeObject } from '../api/objects';
import type { Endpoints, Service } from '../controllers/services/types';
import { resolve } from './cluster-names';
import { CODE, readQuestion, TYPE, writeAnswer } from './dns-message';
import { type Door, doorsOf } from './doors';
import { type Dial, listenAt } from './listeners';

const metadata = (name: string) => ({
  ...{ name, namespace: 'dev', uid: name, resourceVersion: '1', creationTimestamp: '' },
});
const service = (name: string, spec: Service['spec']): Service => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec },
});
const endpoints = (name: string, ips: string[], hostname?: string): Endpoints => ({
  ...{ apiVersion: 'v1', kind: 'Endpoints', metadata: metadata(name) },
  subsets: [
    {
      addresses: ips.map((ip) => ({
        ip,
        ...(hostname ? { hostname } : {}),
        targetRef: { kind: 'Pod', namespace: 'dev', name: `pod-${ip}`, uid: ip },
      })),
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ],
});

const PORTS = [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30_080 }];
const WEB = service('web', { type: 'NodePort', clusterIP: '10.96.1.2', ports: PORTS });
const DB = service('db', { clusterIP: 'None', ports: PORTS });
const OBJECTS = new Map<string, KubeObject>([
  ['services/web', WEB],
  ['services/db', DB],
  ['services/away', service('away', { type: 'ExternalName', externalName: 'example.com' })],
  ['endpoints/web', endpoints('web', ['10.244.1.7', '10.244.2.7'])],
  ['endpoints/db', endpoints('db', ['10.244.1.9'], 'db-0')],
  ['namespaces/dev', { ...WEB, kind: 'Namespace', metadata: metadata('dev') }],
]);
// Names need nothing else of the cluster.
const cluster = {
  get: (resource: string, _namespace: string, name: string) => OBJECTS.get(`${resource}/${name}`),
} as unknown as ClusterApi;
const ask = (name: string, type: number = TYPE.A) => resolve(cluster, { name, type });
const addressesOf = (name: string) =>
  ask(name).answers.map((record) => ('address' in record ? record.address : record.type));

describe('the names of the cluster', () => {
  it('lead to the loopback interface', () => {
    expect(addressesOf('web.dev.svc.cluster.local')).toEqual(['127.96.1.2']);
    expect(addressesOf('db.dev.svc.cluster.local')).toEqual(['127.244.1.9']);
    expect(addressesOf('db-0.db.dev.svc.cluster.local')).toEqual(['127.244.1.9']);
    expect(addressesOf('10-244-1-9.dev.pod.cluster.local')).toEqual(['127.244.1.9']);
    expect(ask('away.dev.svc.cluster.local').answers).toEqual([
      { name: 'away.dev.svc.cluster.local', type: 'CNAME', target: 'example.com' },
    ]);
  });

  it('tell ports by SRV records', () => {
    const name = '_http._tcp.db.dev.svc.cluster.local';
    expect(ask(name, TYPE.SRV)).toEqual({
      code: CODE.ok,
      answers: [{ name, type: 'SRV', port: 8080, target: 'db-0.db.dev.svc.cluster.local' }],
      additional: [{ name: 'db-0.db.dev.svc.cluster.local', type: 'A', address: '127.244.1.9' }],
    });
    expect(ask('_http._tcp.web.dev.svc.cluster.local', TYPE.SRV).answers).toMatchObject([{ port: 80 }]);
    expect(ask('_http._udp.web.dev.svc.cluster.local', TYPE.SRV).code).toBe(CODE.unknownName);
  });

  it('are unknown, empty or somebody else’s', () => {
    expect(ask('nosuch.dev.svc.cluster.local').code).toBe(CODE.unknownName);
    expect(ask('db-1.db.dev.svc.cluster.local').code).toBe(CODE.unknownName);
    expect(ask('web.dev.svc.cluster.local', TYPE.AAAA)).toEqual({ code: CODE.ok, answers: [] });
    expect(ask('example.com').code).toBe(CODE.refused);
  });

  it('are read and written as DNS messages', () => {
    const query = Buffer.from(
      '1234010000010000000000000357656203646576037376630763 6c7573746572056c6f63616c0000010001'.replace(
        ' ',
        '',
      ),
      'hex',
    );
    const question = readQuestion(query);
    expect(question).toMatchObject({ id: 0x1234, name: 'web.dev.svc.cluster.local', type: TYPE.A });
    if (!question) return;
    const answer = writeAnswer(question, resolve(cluster, question));
    expect(answer.readUInt16BE(6)).toBe(1);
    expect([...answer.subarray(-4)]).toEqual([127, 96, 1, 2]);
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...{ name: question.name, type: 'A' as const, address: `127.0.0.${index}` },
    }));
    const cut = writeAnswer(question, { code: CODE.ok, answers: many });
    expect(cut.length).toBeLessThanOrEqual(512);
    expect(cut.readUInt16BE(2) & 0x0200).not.toBe(0);
    expect(readQuestion(Buffer.from('nonsense'))).toBeUndefined();
  });
});

describe('the doors of a service', () => {
  const all = () => true;

  it('are its address and its node port, where somebody is behind them', () => {
    const doors = doorsOf(WEB, endpoints('web', ['10.244.1.7', '10.244.2.7']), all);
    expect(doors.map(({ address, port, targets }) => [address, port, targets.length])).toEqual([
      ['127.96.1.2', 80, 2],
      ['127.0.0.1', 30_080, 2],
    ]);
    expect(doorsOf(WEB, endpoints('web', ['10.244.1.7']), () => false)).toEqual([]);
  });

  it('are the addresses of its pods when it is headless', () => {
    expect(doorsOf(DB, endpoints('db', ['10.244.1.9']), all)).toMatchObject([
      { address: '127.244.1.9', port: 8080, targets: [{ pod: 'pod-10.244.1.9', port: 8080 }] },
    ]);
  });
});

describe('who comes to a door', () => {
  const target = (pod: string) => ({ namespace: 'dev', pod, port: 80 });
  const door = (protocol: Door['protocol'], pods: string[], sticky = false): Door => ({
    ...{ protocol, address: '127.0.0.1', port: 0, targets: pods.map(target), sticky, nodePort: false },
  });
  /** A pod that says who it is, and then what it is told. */
  const dial: Dial = async ({ pod }) => {
    if (pod === 'dead') throw new Error('connection refused');
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        stream.push(`${pod}: ${chunk}`);
        done();
      },
      final(done) {
        stream.push(null);
        done();
      },
    });
    return stream;
  };
  const call = async (port: number) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.end('hello');
    let heard = '';
    for await (const chunk of socket) heard += chunk;
    return heard;
  };
  async function freePort(): Promise<number> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    return port;
  }

  it('is led to one target after the other, past those that are dead', async () => {
    const port = await freePort();
    const listener = await listenAt({ ...door('tcp', ['a', 'b']), port }, dial);
    expect([await call(port), await call(port), await call(port)]).toEqual([
      'a: hello',
      'b: hello',
      'a: hello',
    ]);
    listener.door = { ...listener.door, targets: ['dead', 'c'].map(target) };
    expect([await call(port), await call(port)]).toEqual(['c: hello', 'c: hello']);
    listener.door = { ...listener.door, targets: [target('dead')] };
    await expect(call(port)).rejects.toThrow('ECONNRESET');
    listener.door = { ...door('tcp', ['a', 'b'], true), port };
    expect([await call(port), await call(port)]).toEqual(['a: hello', 'a: hello']);
    await expect(listenAt({ ...door('tcp', ['a']), port }, dial)).rejects.toThrow('EADDRINUSE');
    listener.close();
    await expect(call(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('keeps to one target over UDP', async () => {
    const port = await freePort();
    const listener = await listenAt({ ...door('udp', ['a', 'b']), port }, dial);
    const client = createSocket('udp4');
    for (const words of ['one', 'two']) {
      client.send(words, port, '127.0.0.1');
      const [answer] = await once(client, 'message');
      expect(String(answer)).toBe(`a: ${words}`);
    }
    client.close();
    listener.close();
  });
});
