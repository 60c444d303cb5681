'use client';

import {
  Alert,
  Button,
  Checkbox,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { isDnsLabel } from '@/lib/k8s/dns-name';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { JsonObject } from '@/lib/k8s/json';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { checkOf, refusalOf, refusalText } from '@/lib/kinds/abilities';
import { RESOURCES } from '@/lib/kinds/resources';
import { hostnameOf, renameLosses } from '@/lib/kinds/vm/rename';
import { listObjects, readDependents } from '@/lib/live/dependents';
import { RENAME_STEPS, type RenameOutcome, type RenameStep, renameVm } from '@/lib/live/rename-run';
import { paths } from '@/lib/paths';
import styles from './vm.module.css';

/** Says what a new name comes to, and does it step by step. */
export function RenameDialog({ target, onClose }: { target: Ref; onClose: () => void }) {
  const t = useText();
  const router = useRouter();
  const id = useId().replaceAll(':', '');
  const { vm, error } = useManifest(target);
  const [name, setName] = useState('');
  const [keepHostname, setKeepHostname] = useState(true);
  const [step, setStep] = useState<RenameStep>();
  const [outcome, setOutcome] = useState<RenameOutcome>();
  const isRunning = step !== undefined && outcome === undefined;
  const problem =
    name === ''
      ? undefined
      : name === target.name
        ? t('configure.rename.sameName')
        : isDnsLabel(name)
          ? undefined
          : t('configure.rename.letters');
  const isReady = vm !== undefined && name !== '' && !problem && !isRunning;

  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    setOutcome(undefined);
    const result = await renameVm(
      target,
      name,
      { keepHostname },
      {
        call: async (path, request) => (await callApi(target.cluster, path, request)).body,
        disksOf: async (uid) => {
          const { disks, hidden } = await readDependents(target, uid, listObjects(target.cluster));
          const [resource] = hidden;
          // Disks that can't be seen can't be let go of, and would go with the old VM.
          if (resource) {
            const refusal = refusalOf(checkOf({ verb: 'list', resource }, target.namespace));
            throw new ApiError(403, 'Forbidden', t(refusalText(refusal, t)), { method: 'GET', path: '' });
          }
          return disks;
        },
        onStep: setStep,
      },
    );
    setOutcome(result);
    if (result.kind !== 'done') return;
    onClose();
    router.push(paths.vm({ ...target, name }));
  };

  return (
    <Modal
      isOpen
      variant="medium"
      onClose={isRunning ? () => undefined : onClose}
      aria-labelledby={`${id}-title`}
      elementToFocus={`#${id}-name`}
    >
      <ModalHeader title={t('configure.rename.title', { name: target.name })} labelId={`${id}-title`} />
      <ModalBody>
        {error && <ErrorAlert error={error} />}
        <form id={id} className={styles.chain} onSubmit={(event) => void run(event)}>
          <FormGroup label={t('configure.rename.newName')} fieldId={`${id}-name`}>
            <TextInput
              id={`${id}-name`}
              value={name}
              autoComplete="off"
              isDisabled={isRunning}
              validated={problem ? 'error' : 'default'}
              aria-describedby={`${id}-help`}
              onChange={(_, next) => setName(next.trim())}
            />
            <FormHelperText>
              <HelperText id={`${id}-help`}>
                <HelperTextItem variant={problem ? 'error' : 'default'}>
                  {problem ?? t('configure.rename.how')}
                </HelperTextItem>
              </HelperText>
            </FormHelperText>
          </FormGroup>
          {vm && !hostnameOf(vm) && (
            <Checkbox
              id={`${id}-host`}
              label={t('configure.rename.keepHostname', { name: target.name })}
              isChecked={keepHostname}
              isDisabled={isRunning}
              onChange={(_, on) => setKeepHostname(on)}
            />
          )}
          {vm && (
            <div>
              <p>{t('configure.rename.lost')}</p>
              <ul className={styles.goes}>
                {renameLosses(vm).map((loss) => (
                  <li key={loss.key}>{t(loss)}</li>
                ))}
              </ul>
            </div>
          )}
        </form>
        <div role="status">
          {isRunning && step && (
            <p>
              {t('configure.rename.step', {
                number: RENAME_STEPS.indexOf(step) + 1,
                total: RENAME_STEPS.length,
                what: t(`configure.rename.steps.${step}`),
              })}
            </p>
          )}
        </div>
        {outcome && outcome.kind !== 'done' && <Failed outcome={outcome} names={[target.name, name]} />}
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form={id} isAriaDisabled={!isReady} isLoading={isRunning}>
          {t('configure.rename.verb')}
        </Button>
        <Button variant="link" isDisabled={isRunning} onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function Failed({
  outcome,
  names: [before, after],
}: {
  outcome: Exclude<RenameOutcome, { kind: 'done' }>;
  names: [before: string, after: string];
}) {
  const t = useText();
  return (
    <>
      <Alert
        isInline
        variant={outcome.kind === 'undone' ? 'warning' : 'danger'}
        title={t(`configure.rename.outcome.${outcome.kind}`, { before, after })}
      />
      <ErrorAlert error={outcome.error} />
      {outcome.kind === 'broken' && <ErrorAlert error={outcome.undoing} />}
    </>
  );
}

/** The VM as it is when the dialog opens. */
function useManifest({ cluster, namespace, name }: Ref): { vm?: JsonObject; error?: ApiErrorJson } {
  const [state, setState] = useState<{ vm?: JsonObject; error?: ApiErrorJson }>({});
  useEffect(() => {
    const stop = new AbortController();
    const path = resourcePath(RESOURCES.virtualMachines, namespace, name);
    callApi<JsonObject>(cluster, path, { signal: stop.signal }).then(
      ({ body }) => setState({ vm: body }),
      (cause: unknown) => {
        if (cause instanceof ApiError && !stop.signal.aborted) setState({ error: cause.toJSON() });
      },
    );
    return () => stop.abort();
  }, [cluster, namespace, name]);
  return state;
}
