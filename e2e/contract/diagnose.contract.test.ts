import { createTranslator } from 'use-intl/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourcePath } from '@/lib/k8s/resource';
import { type Diagnosis, diagnose } from '@/lib/kinds/vm/diagnose/diagnose';
import { evidenceOf } from '@/lib/kinds/vm/diagnose/evidence';
import { gather, refusedLook } from '@/lib/kinds/vm/diagnose/gather';
import type { Look, Read } from '@/lib/kinds/vm/diagnose/plan';
import { messages } from '@/lib/messages/en';
import type { Text } from '@/lib/text';
import { testDisk, WebServer } from '@/sandbox/cdi/testing';
import { TestSandbox } from '@/sandbox/testing';
import { soundVm, type Trouble, troubles } from '../manifests/troubles';

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

/** Reads as the page does, but by plain requests. */
async function look(read: Read): Promise<Look> {
  const answer = await sandbox.ask('GET', addressOf(read));
  if (answer.status !== 200) {
    // One object that is asked for by its name alone.
    if (read.kind === 'metadata' && answer.status === 404) return { sight: 'seen', objects: [] };
    return refusedLook(answer.status, answer.body?.message ?? answer.text);
  }
  if (read.kind === 'log') return { sight: 'seen', objects: [], text: answer.text };
  return { sight: 'seen', objects: read.kind === 'metadata' ? [answer.body] : answer.body.items };
}

function addressOf(read: Read): string {
  if (read.kind === 'log')
    return `${resourcePath(read.resource, read.namespace, read.pod, 'log')}?container=${read.container}`;
  if (read.kind === 'metadata') return resourcePath(read.resource, read.namespace, read.name);
  const { labelSelector, fieldSelector } = read;
  const search = new URLSearchParams({
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
  });
  return `${resourcePath(read.resource, read.namespace)}?${search}`;
}

async function diagnoseNow(namespace: string, name: string): Promise<Diagnosis | undefined> {
  const target = { namespace, name };
  const evidence = evidenceOf(target, await gather(target, look), Date.now());
  return evidence && diagnose(evidence);
}

/** Diagnoses again and again until it is as it should be. */
async function untilDiagnosis(
  namespace: string,
  name: string,
  isRight: (found: Diagnosis) => boolean,
): Promise<Diagnosis> {
  let last: Diagnosis | undefined;
  await sandbox
    .until(
      async () => {
        last = await diagnoseNow(namespace, name);
        return { status: 0, contentType: '', text: JSON.stringify(last), body: last };
      },
      ({ body }) => body !== undefined && isRight(body),
      `${name} is diagnosed`,
    )
    .catch((error: unknown) => {
      throw new Error(`${error} Said: ${last && say(last.verdict.sentence)}`);
    });
  if (!last) throw new Error(`${name} is not there`);
  return last;
}

const translate = createTranslator({ locale: 'en', messages }) as unknown as (
  key: string,
  values?: Text['values'],
) => string;
const say = ({ key, values }: Text) => translate(key, values);

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
      const found = await untilDiagnosis(namespace, name, ({ verdict }) => verdict.cause === trouble.cause);
      const sentence = say(found.verdict.sentence);
      for (const word of trouble.names)
        expect(`${sentence} ${found.verdict.todo && say(found.verdict.todo)}`).toContain(word);

      await trouble.mend(sandbox, namespace);
      await sandbox.untilStatus(namespace, name, 'Running');
      await untilDiagnosis(
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
      namespace,
      'sound',
      ({ verdict }) => verdict.severity === 'progress' || verdict.severity === 'fine',
    );
    await sandbox.untilStatus(namespace, 'sound', 'Running');
    const found = await untilDiagnosis(namespace, 'sound', ({ verdict }) => verdict.cause === 'booting');
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
