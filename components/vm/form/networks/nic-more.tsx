'use client';

import { Button, TextInput } from '@patternfly/react-core';
import { PlusIcon, TimesIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import {
  bindingOf,
  nicName,
  type Port,
  portsOf,
  withInterface,
  withPorts,
} from '@/lib/kinds/vm/form/networks/nics';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useVmForm } from '../vm-form';
import styles from './networks.module.css';
import { type NicProps, useNicPlaces } from './use-nic-places';

/** What few people change of a network card. */
export function NicMore(props: NicProps) {
  const t = useText();
  const { locked } = useVmForm();
  const { nic, index, onChange } = props;
  const { problemsOf, appliesTo } = useNicPlaces(props);
  const isDisabled = locked !== undefined;
  const id = `nic-${index}`;
  const state = wordAt(nic.interface, ['state']);
  const bootOrder = nic.interface?.bootOrder;
  const dhcp = nic.interface?.dhcpOptions;
  const kind = bindingOf(nic).kind;
  return (
    <>
      <div className={styles.grid}>
        {kind !== 'sriov' && (
          <FormField
            id={`${id}-state`}
            label={t('networks.link')}
            problems={problemsOf('state', ['state'])}
            applies={appliesTo('state')}
          >
            {(control) => (
              <Pick
                {...control}
                label={t('networks.link')}
                value={state === 'up' ? '' : state}
                isDisabled={isDisabled || state === 'absent'}
                options={[
                  { value: '', label: t('networks.linkUp') },
                  { value: 'down', label: t('networks.linkDown'), description: t('networks.linkDownHelp') },
                  ...(state === 'absent' ? [{ value: 'absent', label: t('networks.unplugging') }] : []),
                ]}
                onChange={(next) => onChange((before) => withInterface(before, 'state', next))}
              />
            )}
          </FormField>
        )}
        <FormField
          id={`${id}-boot`}
          label={t('networks.boot')}
          help={t('networks.bootHelp')}
          problems={problemsOf('bootOrder', ['bootOrder'])}
          applies={appliesTo('bootOrder')}
        >
          {(control) => (
            <TextInput
              {...control}
              className={formStyles.short}
              type="number"
              min={1}
              step={1}
              value={typeof bootOrder === 'number' ? bootOrder : ''}
              isDisabled={isDisabled}
              onChange={(_, next) =>
                onChange((before) =>
                  withInterface(before, 'bootOrder', next === '' ? undefined : Number(next)),
                )
              }
            />
          )}
        </FormField>
        <FormField
          id={`${id}-pci`}
          label={t('networks.pci')}
          help={t('networks.pciHelp')}
          problems={problemsOf('pci', ['pciAddress'])}
          applies={appliesTo('pciAddress')}
        >
          {(control) => (
            <TextInput
              {...control}
              className="portlight-mono"
              value={wordAt(nic.interface, ['pciAddress'])}
              isDisabled={isDisabled}
              autoComplete="off"
              spellCheck={false}
              onChange={(_, next) => onChange((before) => withInterface(before, 'pciAddress', next.trim()))}
            />
          )}
        </FormField>
      </div>
      {(kind === 'masquerade' || portsOf(nic).length > 0) && <NicPorts {...props} />}
      {dhcp !== undefined && (
        <p className={formStyles.note}>{t('networks.dhcp', { options: JSON.stringify(dhcp) })}</p>
      )}
    </>
  );
}

/** The ports of the guest that are reached by the pod's address. */
function NicPorts(props: NicProps) {
  const t = useText();
  const { locked } = useVmForm();
  const { nic, index, onChange } = props;
  const { problemsOf, appliesTo } = useNicPlaces(props);
  const ports = portsOf(nic);
  const isDisabled = locked !== undefined;
  const places = ports.map((_, at) => at);
  const set = (at: number, change: Partial<Port>) =>
    onChange((before) =>
      withPorts(
        before,
        portsOf(before).map((port, place) => (place === at ? { ...port, ...change } : port)),
        places,
      ),
    );
  return (
    <FormField
      id={`nic-${index}-ports`}
      label={t('networks.ports')}
      help={t('networks.portsHelp')}
      problems={problemsOf('ports', ['ports'])}
      applies={appliesTo('ports')}
      role="group"
    >
      {() => (
        <div className={styles.ports}>
          {ports.map((port, at) => {
            const of = { number: at + 1, name: nicName(nic) };
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place in the list
              <div key={at} className={styles.port}>
                <TextInput
                  aria-label={t('networks.portNumber', of)}
                  type="number"
                  min={1}
                  max={65535}
                  value={port.port ?? ''}
                  isDisabled={isDisabled}
                  onChange={(_, next) => set(at, { port: next === '' ? undefined : Number(next) })}
                />
                <Pick
                  id={`nic-${index}-port-${at}-protocol`}
                  label={t('networks.portProtocol', of)}
                  value={port.protocol}
                  isDisabled={isDisabled}
                  options={['TCP', 'UDP'].map((value) => ({ value, label: value }))}
                  onChange={(protocol) => set(at, { protocol })}
                />
                <TextInput
                  aria-label={t('networks.portName', of)}
                  placeholder={t('networks.name')}
                  value={port.name}
                  isDisabled={isDisabled}
                  autoComplete="off"
                  onChange={(_, next) => set(at, { name: next })}
                />
                <Button
                  variant="plain"
                  icon={<TimesIcon />}
                  aria-label={t('networks.portRemove', of)}
                  isDisabled={isDisabled}
                  onClick={() =>
                    onChange((before) =>
                      withPorts(
                        before,
                        portsOf(before).filter((_, place) => place !== at),
                        places.filter((place) => place !== at),
                      ),
                    )
                  }
                />
              </div>
            );
          })}
          <Button
            variant="link"
            isInline
            icon={<PlusIcon />}
            isDisabled={isDisabled}
            onClick={() =>
              onChange((before) =>
                withPorts(
                  before,
                  [...portsOf(before), { name: '', port: undefined, protocol: 'TCP' }],
                  [...places, undefined],
                ),
              )
            }
          >
            {t('networks.portAdd')}
          </Button>
        </div>
      )}
    </FormField>
  );
}
