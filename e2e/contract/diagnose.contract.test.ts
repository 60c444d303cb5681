import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDisk, WebServer } from '@/sandbox/cdi/testing';
import { TestSandbox } from '@/sandbox/testing';
import { soundVm, type Trouble, troubles } from '../manifests/troubles';
import { say, untilDiagnosis } from './diagnosing';

let sandbox: TestSandbox;
let web: WebServer;
const images = {
  url: '',
  put: (name: string) => web.serve(name, testDisk(12 << 20)),
};

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  web = await WebServer.start();
  images.url = web.url;
  const taint = { key: 'dedicated', value: 'database', effect: 'NoSchedule' };
  await sandbox.ask('PATCH', '/api/v1/nodes/node-3', { spec: { taints: [taint] } });
});
afterAll(async () => {
  await sandbox?.close();
  await web?.close();
});

async function make(trouble: Pick<Trouble, 'name' | 'others' | 'vm' | 'provoke'>): Promise<string> {
  const namespace = `trouble-${trouble.name}`;
  await sandbox.createNamespace(namespace);
  for (const other of trouble.others ?? []) {
    const made = await sandbox.ask('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, other);
    expect(made.status).toBe(201);
  }
  const made = await sandbox.createVm(trouble.vm, namespace);
  expect([made.status, made.text]).toEqual([201, expect.anything()]);
  await trouble.provoke?.(sandbox, namespace);
  return namespace;
}

describe('a machine that does not come up', () => {
  it.each(troubles({ url: 'x', put: () => undefined }).map(({ name, what }) => [what, name]))(
    'is told why: %s',
    async (_, name) => {
      const trouble = troubles(images).find((each) => each.name === name);
      if (!trouble) throw new Error(`no trouble ${name}`);
      const namespace = await make(trouble);
      const found = await untilDiagnosis(
        sandbox,
        namespace,
        name,
        ({ verdict }) => verdict.cause === trouble.cause,
      );
      const sentence = say(found.verdict.sentence);
      for (const word of trouble.names)
        expect(`${sentence} ${found.verdict.todo && say(found.verdict.todo)}`).toContain(word);

      await trouble.mend(sandbox, namespace);
      await sandbox.untilStatus(namespace, name, 'Running');
      await untilDiagnosis(
        sandbox,
        namespace,
        name,
        ({ verdict }) => verdict.cause === 'booting' || verdict.cause === 'runningUnseen',
      );
    },
    90_000,
  );
});

describe('a sound machine', () => {
  it('has nothing against it while it comes up, and then', async () => {
    const namespace = await make({ name: 'sound', vm: soundVm('sound') });
    await untilDiagnosis(
      sandbox,
      namespace,
      'sound',
      ({ verdict }) => verdict.severity === 'progress' || verdict.severity === 'fine',
    );
    await sandbox.untilStatus(namespace, 'sound', 'Running');
    const found = await untilDiagnosis(
      sandbox,
      namespace,
      'sound',
      ({ verdict }) => verdict.cause === 'booting',
    );
    expect(found.others).toEqual([]);
    expect(found.steps.map(({ id, state }) => `${id}: ${state}`)).toEqual([
      'volumes: done',
      'instance: done',
      'scheduling: done',
      'launcher: done',
      'boot: doing',
      'agent: doing',
    ]);
  });
});
