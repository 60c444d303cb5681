import { setTimeout as delay } from 'node:timers/promises';
import { createTranslator } from 'use-intl/core';
import { resourcePath } from '@/lib/k8s/resource';
import { type Diagnosis, diagnose } from '@/lib/kinds/vm/diagnose/diagnose';
import { evidenceOf } from '@/lib/kinds/vm/diagnose/evidence';
import { gather, refusedLook } from '@/lib/kinds/vm/diagnose/gather';
import type { Look, Read } from '@/lib/kinds/vm/diagnose/plan';
import { messages } from '@/lib/messages/en';
import type { Text } from '@/lib/text';
import type { TestSandbox } from '@/sandbox/testing';

/** Reads as the page does, but by plain requests. */
async function look(sandbox: TestSandbox, read: Read): Promise<Look> {
  const answer = await sandbox.ask('GET', addressOf(read));
  if (answer.status !== 200) {
    return refusedLook(answer.status, answer.body?.message ?? answer.text);
  }
  if (read.kind === 'log') return { sight: 'seen', objects: [], text: answer.text };
  return { sight: 'seen', objects: answer.body.items };
}

function addressOf(read: Read): string {
  if (read.kind === 'log')
    return `${resourcePath(read.resource, read.namespace, read.pod, 'log')}?container=${read.container}`;
  if (read.kind === 'metadata') {
    return `${resourcePath(read.resource, read.namespace)}?fieldSelector=metadata.name%3D${read.name}`;
  }
  const { labelSelector, fieldSelector } = read;
  const search = new URLSearchParams({
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
  });
  return `${resourcePath(read.resource, read.namespace)}?${search}`;
}

async function diagnoseNow(
  sandbox: TestSandbox,
  namespace: string,
  name: string,
): Promise<Diagnosis | undefined> {
  const target = { namespace, name };
  const evidence = evidenceOf(target, await gather(target, (read) => look(sandbox, read)), Date.now());
  return evidence && diagnose(evidence);
}

/** A busy machine takes its time to boot a guest. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 100;

/** Diagnoses again and again until it is as it should be. */
export async function untilDiagnosis(
  sandbox: TestSandbox,
  namespace: string,
  name: string,
  isRight: (found: Diagnosis) => boolean,
): Promise<Diagnosis> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await diagnoseNow(sandbox, namespace, name);
    if (found && isRight(found)) return found;
    if (Date.now() > deadline) {
      const said = found ? `${found.verdict.cause}: ${say(found.verdict.sentence)}` : 'nothing';
      throw new Error(`Waited in vain for the diagnosis of ${name}; last ${said}`);
    }
    await delay(LOOK_MS);
  }
}

const translate = createTranslator({ locale: 'en', messages }) as unknown as (
  key: string,
  values?: Text['values'],
) => string;
/** The sentence as people read it. */
export const say = ({ key, values }: Text) => translate(key, values);
