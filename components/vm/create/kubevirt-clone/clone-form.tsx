'use client';

import { Radio, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { isDnsLabel, LABEL_MAX } from '@/lib/k8s/dns-name';
import { RESOURCES } from '@/lib/kinds/resources';
import type { CloneInput, CloneSource } from '@/lib/kinds/vm/clone';
import { useNamespaces } from '@/lib/live/use-namespaces';
import { type Text, text } from '@/lib/text';
import { Choice } from '../../form/choice';
import { FormField } from '../../form/form-field';
import { useNames } from '../../form/use-names';
import type { PlacedProblem } from '../../form/vm-form';
import styles from '../create.module.css';
import { CopyFoot, SendFoot, VmFoot } from './clone-foot';
import { SnapshotField } from './snapshot-field';

const SOURCES: readonly CloneSource[] = ['vm', 'snapshot'];
const WAYS = ['exact', 'copy'] as const;
type Way = (typeof WAYS)[number];

/** What to clone, in which way, and what the new VM is called. */
export function CloneForm({
  cluster,
  initial,
}: {
  cluster: string;
  initial: Pick<CloneInput, 'namespace' | 'from' | 'source'>;
}) {
  const t = useText();
  const [{ namespace, from, source }, setChosen] = useState(initial);
  const [way, setWay] = useState<Way>('exact');
  // Follows the source until somebody types a name.
  const [typed, setTyped] = useState<string>();
  const namespaces = useNamespaces(cluster);
  const vms = useNames(cluster, RESOURCES.virtualMachines, namespace);
  const target = typed ?? proposal(source, vms.names);
  const isCopy = from === 'vm' && way === 'copy';
  const wrong = problemOf(target, vms.names, namespace);
  const input: CloneInput = { namespace, from, source, target };
  const choose = (next: Partial<typeof initial>) => setChosen((now) => ({ ...now, ...next }));
  const missing = from === 'vm' ? text('create.clone.vm.missing') : text('create.clone.snapshot.missing');
  const lacking = source ? wrong : missing;
  return (
    <>
      <FormField id="clone-from" label={t('create.clone.from.label')} role="radiogroup">
        {() =>
          SOURCES.map((each) => (
            <Radio
              key={each}
              id={`clone-from-${each}`}
              name="clone-from"
              label={t(`create.clone.from.${each}`)}
              description={t(`create.clone.from.${each}Help`)}
              isChecked={from === each}
              onChange={() => choose({ from: each, source: '' })}
            />
          ))
        }
      </FormField>
      <FormField
        id="clone-namespace"
        label={t('create.namespace.label')}
        help={t('create.clone.namespaceHelp')}
        isRequired
      >
        {(control) => (
          <Choice
            {...control}
            label={t('create.namespace.label')}
            allowOther
            options={namespaces.names.map((name) => ({ value: name, label: name }))}
            value={namespace}
            onChange={(next) => next && choose({ namespace: next, source: '' })}
          />
        )}
      </FormField>
      {from === 'vm' ? (
        <FormField
          id="clone-source"
          label={t('create.clone.vm.label')}
          help={t('create.clone.vm.help')}
          isRequired
        >
          {(control) => (
            <Choice
              {...control}
              label={t('create.clone.vm.label')}
              options={vms.names.map((name) => ({ value: name, label: name }))}
              value={source}
              isLoading={vms.isLoading}
              onChange={(name) => choose({ source: name })}
              {...(vms.error === undefined ? {} : { error: vms.error })}
            />
          )}
        </FormField>
      ) : (
        <SnapshotField
          cluster={cluster}
          namespace={namespace}
          value={source}
          onChange={(name) => choose({ source: name })}
        />
      )}
      {from === 'vm' && (
        <FormField id="clone-way" label={t('create.clone.way.label')} role="radiogroup">
          {() =>
            WAYS.map((each) => (
              <Radio
                key={each}
                id={`clone-way-${each}`}
                name="clone-way"
                label={t(`create.clone.way.${each}`)}
                description={t(`create.clone.way.${each}Help`)}
                isChecked={way === each}
                onChange={() => setWay(each)}
              />
            ))
          }
        </FormField>
      )}
      {!isCopy && (
        <FormField
          id="clone-target"
          label={t('create.clone.name.label')}
          help={t('create.clone.name.help')}
          isRequired
          problems={wrong && (source || target) ? [problem(wrong)] : []}
        >
          {(control) => (
            <TextInput
              {...control}
              isRequired
              value={target}
              autoComplete="off"
              spellCheck={false}
              onChange={(_event, next) => setTyped(next.trim())}
            />
          )}
        </FormField>
      )}
      <div className={styles.foot}>
        {isCopy ? (
          <CopyFoot cluster={cluster} namespace={namespace} source={source} />
        ) : from === 'vm' && source ? (
          <VmFoot key={`${namespace}/${source}`} cluster={cluster} input={input} lacking={lacking} />
        ) : (
          <SendFoot cluster={cluster} input={input} lacking={lacking} />
        )}
      </div>
    </>
  );
}

function problem(message: Text): PlacedProblem {
  return { path: 'clone', severity: 'error', message };
}

function problemOf(name: string, taken: readonly string[], namespace: string): Text | undefined {
  if (!name) return text('create.clone.name.missing');
  if (!isDnsLabel(name) || name.length > LABEL_MAX)
    return text('create.clone.name.letters', { max: LABEL_MAX });
  return taken.includes(name) ? text('create.problem.nameTaken', { name, namespace }) : undefined;
}

/** `web-clone`, or the next with a number that is free. */
function proposal(source: string, taken: readonly string[]): string {
  if (!source) return '';
  const base = `${source.replaceAll('.', '-').slice(0, LABEL_MAX - '-clone-999'.length)}-clone`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
