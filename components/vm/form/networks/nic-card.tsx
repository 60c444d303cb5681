'use client';

import { Button, InputGroup, InputGroupItem, Label, TextInput } from '@patternfly/react-core';
import { RedoIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import { isMain, NIC_MODELS } from '@/lib/kinds/vm/form/networks/nic-problems';
import {
  BINDINGS,
  bindingOf,
  fits,
  generateMac,
  type Nic,
  nicName,
  targetOf,
  withBinding,
  withInterface,
  withNicName,
  withTarget,
} from '@/lib/kinds/vm/form/networks/nics';
import { Choice } from '../choice';
import type { ChoiceOption } from '../choice-options';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { SectionPart } from '../section-part';
import { useVmForm } from '../vm-form';
import styles from './networks.module.css';
import { NicMore } from './nic-more';
import { POD } from './use-networks';
import { type NicProps, useNicPlaces } from './use-nic-places';

/** One network card: what it is plugged into, and how. */
export function NicCard({
  networks,
  ...props
}: NicProps & {
  networks: { options: readonly ChoiceOption[]; isLoading: boolean; error: string | undefined };
}) {
  const t = useText();
  const { locked, vmi } = useVmForm();
  const { nic, index, onChange } = props;
  const name = nicName(nic);
  const id = `nic-${index}`;
  const target = targetOf(nic);
  const binding = bindingOf(nic);
  const { problemsOf, appliesTo } = useNicPlaces(props);
  const isDisabled = locked !== undefined;
  const isRunning = vmi?.spec.domain.devices.interfaces?.some((each) => each.name === name) ?? false;
  const isAbsent = wordAt(nic.interface, ['state']) === 'absent';
  const mayUnplug = isRunning && binding.kind === 'bridge' && !isMain(nic);
  const bindings = [...BINDINGS, 'plugin' as const].filter(
    (kind) => kind === binding.kind || fits({ kind, name: '' }, target),
  );
  const chosen = target.kind === 'pod' ? POD : target.kind === 'multus' ? target.name : '';
  return (
    <section className={styles.nic} aria-labelledby={`${id}-title`}>
      <div className={styles.head}>
        <h3 id={`${id}-title`} className={styles.title}>
          {t('networks.card', { name: name || String(index + 1) })}
        </h3>
        {isAbsent && <Label color="yellow">{t('networks.unplugging')}</Label>}
        <span className={styles.spacer} />
        {mayUnplug || isAbsent ? (
          <Button
            variant="secondary"
            size="sm"
            isDisabled={isDisabled}
            onClick={() =>
              onChange((before) => withInterface(before, 'state', isAbsent ? undefined : 'absent'))
            }
          >
            {t(isAbsent ? 'networks.plugAgain' : 'networks.unplug', { name })}
          </Button>
        ) : (
          <Button
            variant="secondary"
            size="sm"
            isDisabled={isDisabled}
            onClick={() => onChange(() => undefined)}
          >
            {t('networks.remove', { name })}
          </Button>
        )}
      </div>
      <div className={styles.grid}>
        <FormField
          id={`${id}-name`}
          label={t('networks.name')}
          help={t('networks.nameHelp')}
          problems={problemsOf('name', ['name'])}
          applies={appliesTo('name')}
          isRequired
        >
          {(control) => (
            <TextInput
              {...control}
              value={name}
              isDisabled={isDisabled}
              autoComplete="off"
              spellCheck={false}
              onChange={(_, next) => onChange((before) => withNicName(before, next))}
            />
          )}
        </FormField>
        <FormField
          id={`${id}-network`}
          label={t('networks.network')}
          problems={problemsOf('network', ['pod', 'multus', 'resourceClaim', ''])}
          applies={appliesTo('network')}
          help={t(target.kind === 'other' ? 'networks.otherKind' : 'networks.networkHelp')}
          isRequired
        >
          {(control) => (
            <Choice
              {...control}
              label={t('networks.network')}
              options={networks.options}
              isLoading={networks.isLoading}
              {...(networks.error === undefined ? {} : { error: networks.error })}
              value={chosen}
              allowOther
              isDisabled={isDisabled}
              onChange={(next) =>
                onChange((before) =>
                  withTarget(before, next === POD ? { kind: 'pod' } : { kind: 'multus', name: next }),
                )
              }
            />
          )}
        </FormField>
        <FormField
          id={`${id}-binding`}
          label={t('networks.binding')}
          problems={problemsOf('binding', ['masquerade', 'bridge', 'sriov', 'passtBinding', 'binding'])}
          applies={appliesTo('binding')}
          isRequired
        >
          {(control) => (
            <Pick
              {...control}
              label={t('networks.binding')}
              value={binding.kind === 'none' ? '' : binding.kind}
              isDisabled={isDisabled}
              options={[
                ...bindings.map((kind) => ({
                  value: kind,
                  label: t(`networks.bindings.${kind}`),
                  description: t(`networks.bindings.${kind}Help`),
                })),
                ...(binding.kind === 'gone' ? [{ value: 'gone', label: binding.name }] : []),
                ...(binding.kind === 'none' ? [{ value: '', label: t('networks.bindings.none') }] : []),
              ]}
              onChange={(next) => {
                const kind = [...BINDINGS, 'plugin' as const].find((each) => each === next);
                if (kind) onChange((before) => withBinding(before, { kind, name: '' }));
              }}
            />
          )}
        </FormField>
        {binding.kind === 'plugin' && (
          <FormField
            id={`${id}-plugin`}
            label={t('networks.plugin')}
            help={t('networks.pluginHelp')}
            problems={problemsOf('binding', ['binding'])}
            isRequired
          >
            {(control) => (
              <TextInput
                {...control}
                value={binding.name}
                isDisabled={isDisabled}
                autoComplete="off"
                onChange={(_, next) => onChange((before) => withPluginName(before, next))}
              />
            )}
          </FormField>
        )}
        {binding.kind !== 'sriov' && (
          <FormField
            id={`${id}-model`}
            label={t('networks.model')}
            problems={problemsOf('model', ['model'])}
            applies={appliesTo('model')}
            help={t('networks.modelHelp')}
          >
            {(control) => (
              <Pick
                {...control}
                label={t('networks.model')}
                value={wordAt(nic.interface, ['model'])}
                isDisabled={isDisabled}
                options={[
                  { value: '', label: t('networks.modelDefault') },
                  ...NIC_MODELS.map((model) => ({ value: model, label: model })),
                ]}
                onChange={(next) => onChange((before) => withInterface(before, 'model', next))}
              />
            )}
          </FormField>
        )}
        <FormField
          id={`${id}-mac`}
          label={t('networks.mac')}
          help={t('networks.macHelp')}
          problems={problemsOf('mac', ['macAddress'])}
          applies={appliesTo('macAddress')}
        >
          {(control) => (
            <InputGroup>
              <InputGroupItem isFill>
                <TextInput
                  {...control}
                  className="portlight-mono"
                  value={wordAt(nic.interface, ['macAddress'])}
                  isDisabled={isDisabled}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={(_, next) =>
                    onChange((before) => withInterface(before, 'macAddress', next.trim()))
                  }
                />
              </InputGroupItem>
              <InputGroupItem>
                <Button
                  variant="control"
                  icon={<RedoIcon />}
                  isDisabled={isDisabled}
                  aria-label={t('networks.macGenerate', { name })}
                  title={t('networks.macGenerate', { name })}
                  onClick={() => onChange((before) => withInterface(before, 'macAddress', generateMac()))}
                />
              </InputGroupItem>
            </InputGroup>
          )}
        </FormField>
      </div>
      <SectionPart title={t('networks.more')} isFoldable isOpen={hasMore(nic)}>
        <NicMore {...props} />
      </SectionPart>
    </section>
  );
}

function withPluginName(nic: Nic, name: string): Nic {
  const before = nic.interface?.binding;
  const entry = typeof before === 'object' && before !== null ? before : {};
  return withInterface(nic, 'binding', { ...entry, name });
}

/** Whether something is said that stands among what is folded away. */
function hasMore(nic: Nic): boolean {
  return ['ports', 'bootOrder', 'state', 'pciAddress', 'dhcpOptions'].some(
    (key) => nic.interface?.[key] !== undefined,
  );
}
