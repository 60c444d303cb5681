import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Answer, TestSandbox, testVm } from './testing';

const PODS = '/api/v1/namespaces/machines/pods';
let sandbox: TestSandbox;
let launcher: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace('machines');
  await sandbox.createVm(testVm('vm', 'Always'), 'machines');
  await sandbox.untilStatus('machines', 'vm', 'Running');
  const { body } = await sandbox.ask('GET', PODS);
  launcher = body.items[0].metadata.name;
});
afterAll(() => sandbox.close());

interface Frame {
  channel: number;
  text: string;
}

/** Opens a pod's stream and collects what comes until the server ends it. */
function stream(path: string, protocol: string): Promise<Frame[]> {
  const socket = new WebSocket(sandbox.url.replace('https', 'wss') + path, [protocol], sandbox.dialOptions);
  const frames: Frame[] = [];
  socket.on('message', (message: Buffer, binary: boolean) => {
    const channel = binary ? (message[0] ?? 0) : Number(message.subarray(0, 1).toString());
    const rest = message.subarray(1);
    frames.push({
      channel,
      text: binary ? rest.toString() : Buffer.from(rest.toString(), 'base64').toString(),
    });
  });
  return new Promise((resolve, reject) => {
    socket.on('close', () => resolve(frames));
    socket.on('error', reject);
  });
}

const exec = (command: string[], protocol = 'v5.channel.k8s.io') =>
  stream(
    `${PODS}/${launcher}/exec?container=compute&stdout=true&stderr=true${command.map((word) => `&command=${encodeURIComponent(word)}`).join('')}`,
    protocol,
  );
const said = (frames: Frame[], channel: number) =>
  frames
    .filter((frame) => frame.channel === channel)
    .map(({ text }) => text)
    .join('');

describe('exec', () => {
  it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io'])(
    'tells by %s which guest a launcher runs',
    async (protocol) => {
      const frames = await exec(['virsh', 'list'], protocol);
      expect(said(frames, 1)).toContain(' 1    machines_vm   running');
      expect(JSON.parse(said(frames, 3))).toMatchObject({ status: 'Success' });
    },
  );

  it('finds no other program, as a runtime says it', async () => {
    const frames = await exec(['bash']);
    expect(said(frames, 1)).toBe('');
    expect(JSON.parse(said(frames, 3))).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      message: expect.stringContaining(
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "bash": executable file not found in $PATH',
      ),
    });
  });

  it('is a matter of an upgrade, and of a container that is there', async () => {
    const plain = await sandbox.ask('GET', `${PODS}/${launcher}/exec?command=ls`);
    expect([plain.status, plain.body.message]).toEqual([400, 'Upgrade request required']);
    await expect(
      stream(`${PODS}/${launcher}/exec?container=nope&command=ls`, 'v5.channel.k8s.io'),
    ).rejects.toThrow('400');
  });
});

it('says why nobody answers at a forwarded port', async () => {
  const frames = await stream(`${PODS}/${launcher}/portforward?ports=8080`, 'v4.channel.k8s.io');
  expect(frames.map(({ channel }) => channel)).toEqual([0, 1, 1]);
  expect(said(frames, 1)).toContain('dial tcp4 127.0.0.1:8080: connect: no route to host');
});

describe('logs', () => {
  const log = (path: string): Promise<Answer> => sandbox.ask('GET', path);
  const componentLog = async (name: string, query = '') => {
    const selector = encodeURIComponent(`kubevirt.io=${name}`);
    const { body } = await sandbox.ask('GET', `/api/v1/namespaces/kubevirt/pods?labelSelector=${selector}`);
    const texts = await Promise.all(
      body.items.map((pod: { metadata: { name: string } }) =>
        log(`/api/v1/namespaces/kubevirt/pods/${pod.metadata.name}/log${query}`),
      ),
    );
    return texts.map(({ text }: Answer) => text);
  };

  it('of a component tell in its structured lines what it did', async () => {
    const lines = (await componentLog('virt-handler')).join('').trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({
        component: 'virt-handler',
        level: 'info',
        msg: 'VirtualMachineInstance started.',
        name: 'vm',
        namespace: 'machines',
      }),
    );
    const [first, second] = await componentLog('virt-controller');
    const leaders = [first, second].filter((text) => text?.includes('Created virtual machine pod'));
    expect(leaders).toHaveLength(1);
  });

  it('come in part: the last lines, those since a time, so many bytes, with times', async () => {
    const [tail] = await componentLog('virt-api', '?tailLines=1&timestamps=true');
    expect(tail?.split('\n').filter(Boolean)).toHaveLength(1);
    expect(tail).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z \{/);
    const [bytes] = await componentLog('virt-api', '?limitBytes=10');
    expect(bytes).toHaveLength(10);
    const [recent] = await componentLog('virt-api', '?sinceSeconds=60');
    expect(recent).toBe('');
  });

  it('are refused for what is not there', async () => {
    const where = `${PODS}/${launcher}/log`;
    const messages = [
      await log(`${where}?container=nope`),
      await log(`${where}?previous=true`),
      await log(`${where}?tailLines=-1`),
    ].map(({ status, body }) => [status, body.message]);
    expect(messages).toEqual([
      [400, `container nope is not valid for pod ${launcher}`],
      [400, `previous terminated container "compute" in pod "${launcher}" not found`],
      [422, 'PodLogOptions "" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ]);
  });

  it('ask for a container where there are several', async () => {
    const container = (name: string) => ({ name, image: 'registry.example.org/app:1' });
    await sandbox.ask('POST', PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'two' },
      spec: { containers: [container('a'), container('b')], initContainers: [container('c')] },
    });
    const { body } = await log(`${PODS}/two/log`);
    expect(body.message).toBe(
      'a container name must be specified for pod two, choose one of: [a b] or one of the init containers: [c]',
    );
  });
});
