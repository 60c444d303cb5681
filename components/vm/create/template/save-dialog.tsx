'use client';

import {
  Alert,
  Button,
  Checkbox,
  Form,
  FormGroup,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { useMemo, useState } from 'react';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import { nameProblem } from '@/lib/manifest/names';
import { makeTemplate, openingsOf } from './make-template';
import { configMapOf, kubeVirtTemplateOf, type Template } from './template';
import { useServesTemplates } from './use-templates';

/** Saves the manifest as a template: with the name, and what is chosen here, left open, and without any secret. */
export function SaveDialog({
  cluster,
  namespace,
  text,
  draft,
  onClose,
}: {
  cluster: string;
  namespace: string;
  text: string;
  draft: VmDraft;
  onClose: () => void;
}) {
  const t = useText();
  const openings = useMemo(() => openingsOf(draft), [draft]);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(openings.map((each) => each.name)));
  const [error, setError] = useState<ApiErrorJson>();
  const [state, setState] = useState<'open' | 'saving' | 'saved'>('open');
  const serves = useServesTemplates(cluster);
  const made = useMemo(() => makeTemplate(text, chosen), [text, chosen]);
  const wrong = name === '' ? undefined : nameProblem(name, '', 'ConfigMap');
  const isReady = made !== undefined && name !== '' && !wrong && serves !== undefined;

  const save = async () => {
    if (!made || !isReady || state === 'saving') return;
    setState('saving');
    const template: Template = { kind: 'ConfigMap', namespace, name, description, ...made };
    const own = serves ? kubeVirtTemplateOf(template) : undefined;
    const resource = own ? RESOURCES.virtualMachineTemplates : RESOURCES.configMaps;
    try {
      await callApi(cluster, resourcePath(resource, namespace), {
        method: 'POST',
        body: own ?? configMapOf(template),
      });
      setState('saved');
    } catch (reason) {
      setState('open');
      if (!(reason instanceof ApiError)) throw reason;
      setError(reason.toJSON());
    }
  };
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="save-template-title">
      <ModalHeader title={t('templates.save.title')} labelId="save-template-title" />
      <ModalBody>
        {state === 'saved' ? (
          <Alert isInline variant="success" title={t('templates.save.saved', { name, namespace })} />
        ) : (
          <Form
            id="save-template"
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
          >
            {error && <ErrorAlert error={error} />}
            <FormGroup label={t('templates.save.name')} fieldId="template-name" isRequired>
              <TextInput
                id="template-name"
                isRequired
                value={name}
                autoComplete="off"
                validated={wrong ? 'error' : 'default'}
                aria-describedby="template-name-problem"
                onChange={(_, typed) => setName(typed.trim())}
              />
              <p id="template-name-problem">{wrong && t(wrong)}</p>
            </FormGroup>
            <FormGroup label={t('templates.save.description')} fieldId="template-description">
              <TextInput
                id="template-description"
                value={description}
                onChange={(_, typed) => setDescription(typed)}
              />
            </FormGroup>
            {openings.length > 0 && (
              <FormGroup role="group" label={t('templates.save.opening')} fieldId="template-openings">
                {openings.map((each) => (
                  <Checkbox
                    key={each.name}
                    id={`template-opening-${each.name}`}
                    label={each.name}
                    description={each.value}
                    isChecked={chosen.has(each.name)}
                    onChange={(_, isIn) => {
                      const next = new Set(chosen);
                      if (isIn) next.add(each.name);
                      else next.delete(each.name);
                      setChosen(next);
                    }}
                  />
                ))}
              </FormGroup>
            )}
            <p>
              {t('templates.save.parameters', {
                names: made?.parameters.map((each) => each.name).join(', ') ?? '',
              })}
            </p>
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {state !== 'saved' && (
          <Button type="submit" form="save-template" isAriaDisabled={!isReady} isLoading={state === 'saving'}>
            {t('templates.save.button')}
          </Button>
        )}
        <Button variant="link" onClick={onClose}>
          {t(state === 'saved' ? 'templates.save.close' : 'common.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
