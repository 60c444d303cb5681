'use client';

import { Button, Switch } from '@patternfly/react-core';
import { PlusIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import {
  type GuestCard,
  networkData,
  onNetworkData,
  withCard,
  withNewCard,
} from '@/lib/guest-setup/network-data';
import { wordAt } from '@/lib/k8s/json';
import { NICS, nicName } from '@/lib/kinds/vm/form/networks/nics';
import { type Text, text } from '@/lib/text';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { useVmForm } from '../vm-form';
import styles from './guest.module.css';
import { TypedWord } from './typed-area';

/** How the guest sets up its network cards; without anything said, each asks by DHCP. */
export function NetworkPart() {
  const t = useText();
  const { draft, change, locked } = useVmForm();
  const { cards } = networkData(draft);
  const isDisabled = locked !== undefined;
  if (!cards) return <p className={formStyles.note}>{t('guest.network.onlyText')}</p>;
  const nics = NICS.read(draft.vm).map((nic) => ({
    name: nicName(nic),
    mac: wordAt(nic.interface, ['macAddress']).toLowerCase(),
  }));
  const known = new Set(cards.map((card) => card.mac.toLowerCase()));
  const next = nics.find(({ mac }) => mac !== '' && !known.has(mac))?.mac ?? '';
  return (
    <>
      <p className={formStyles.note}>{t('guest.network.help')}</p>
      {cards.map((card, index) => {
        const id = `guest-card-${index}`;
        const nic = nics.find(({ mac }) => mac !== '' && mac === card.mac.toLowerCase());
        const set = (to: Partial<GuestCard>) =>
          change(onNetworkData((config) => withCard(config, index, to)));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: names change while one types them
          <section key={index} className={styles.nic} aria-labelledby={`${id}-title`}>
            <div className={styles.head}>
              <h3 id={`${id}-title`} className={styles.title}>
                {nic
                  ? t('guest.network.cardOf', { name: card.name, nic: nic.name })
                  : t('guest.network.card', { name: card.name })}
              </h3>
              <span className={styles.spacer} />
              <Button
                variant="secondary"
                size="sm"
                isDisabled={isDisabled}
                onClick={() => change(onNetworkData((config) => withCard(config, index, undefined)))}
              >
                {t('guest.network.remove', { name: card.name })}
              </Button>
            </div>
            <Switch
              id={`${id}-dhcp`}
              label={t('guest.network.dhcp')}
              isChecked={card.dhcp}
              isDisabled={isDisabled}
              onChange={(_, dhcp) => set({ dhcp })}
            />
            <div className={styles.grid}>
              {(['name', 'mac', 'addresses', 'gateway', 'dns'] as const).map((key) => {
                const message = problemOf(key, card);
                return (
                  <FormField
                    key={key}
                    id={`${id}-${key}`}
                    label={t(`guest.network.${key}`)}
                    help={t(`guest.network.${key}Help`)}
                    problems={message ? [{ path: id, severity: 'error', message }] : []}
                  >
                    {(control) => (
                      <TypedWord
                        control={control}
                        value={card[key]}
                        isDisabled={isDisabled}
                        onChange={(value) => set({ [key]: value })}
                      />
                    )}
                  </FormField>
                );
              })}
            </div>
          </section>
        );
      })}
      <div className={styles.buttons}>
        <Button
          variant="secondary"
          icon={<PlusIcon />}
          isDisabled={isDisabled}
          onClick={() => change(onNetworkData((config) => withNewCard(config, next)))}
        >
          {t('guest.network.add')}
        </Button>
      </div>
    </>
  );
}

const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:]*:[\da-f:]+)$/i;

function problemOf(key: keyof GuestCard, card: GuestCard): Text | undefined {
  const listed = (words: string) => words.split(/[,\s]+/).filter(Boolean);
  if (key === 'addresses') {
    const wrong = listed(card.addresses).find((each) => {
      const [address = '', length] = each.split('/');
      return !ADDRESS.test(address) || length === undefined || !/^\d{1,3}$/.test(length);
    });
    return wrong === undefined ? undefined : text('guest.network.noAddress', { word: wrong });
  }
  if (key === 'gateway' && card.gateway !== '' && !ADDRESS.test(card.gateway))
    return text('guest.network.noGateway', { word: card.gateway });
  if (key === 'dns') {
    const wrong = listed(card.dns).find((each) => !ADDRESS.test(each));
    return wrong === undefined ? undefined : text('guest.network.noGateway', { word: wrong });
  }
  return undefined;
}
