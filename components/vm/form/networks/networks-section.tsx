'use client';

import { Button } from '@patternfly/react-core';
import { PlusIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import { nicProblems } from '@/lib/kinds/vm/form/networks/nic-problems';
import {
  AUTOATTACH_POD_INTERFACE,
  hasImplicitNic,
  NICS,
  targetOf,
  withImplicitNic,
  withNewNic,
  withNic,
  withoutNics,
} from '@/lib/kinds/vm/form/networks/nics';
import formStyles from '../form.module.css';
import { SectionBody } from '../section-part';
import { onVm, useVmForm } from '../vm-form';
import styles from './networks.module.css';
import { NicCard } from './nic-card';
import { useNetworks } from './use-networks';

/** The network cards of a VM. */
export function NetworksSection() {
  const t = useText();
  const { cluster, namespace, draft, change, locked } = useVmForm();
  const networks = useNetworks(cluster, namespace);
  const nics = NICS.read(draft.vm);
  const problems = nicProblems(draft.vm);
  const isDisabled = locked !== undefined;
  const hasPod = nics.some((nic) => targetOf(nic).kind === 'pod');
  const isImplicit = hasImplicitNic(draft.vm);
  return (
    <SectionBody>
      {isImplicit && (
        <div className={styles.nic}>
          <p className={formStyles.note}>{t('networks.implicit')}</p>
          <div className={styles.buttons}>
            <Button variant="secondary" isDisabled={isDisabled} onClick={() => change(onVm(withImplicitNic))}>
              {t('networks.changeIt')}
            </Button>
            <Button variant="link" isDisabled={isDisabled} onClick={() => change(onVm(withoutNics))}>
              {t('networks.useNone')}
            </Button>
          </div>
        </div>
      )}
      {nics.length === 0 && !isImplicit && (
        <div className={styles.nic}>
          <p className={formStyles.note}>{t('networks.none')}</p>
          <div className={styles.buttons}>
            <Button
              variant="link"
              isDisabled={isDisabled}
              onClick={() => change(onVm((vm) => AUTOATTACH_POD_INTERFACE.write(vm, true)))}
            >
              {t('networks.useDefault')}
            </Button>
          </div>
        </div>
      )}
      {nics.map((nic, index) => (
        <NicCard
          // biome-ignore lint/suspicious/noArrayIndexKey: names change while one types them
          key={index}
          nic={nic}
          index={index}
          problems={problems.filter((each) => each.index === index)}
          networks={networks}
          onChange={(edit) => change(onVm((vm) => withNic(vm, index, edit)))}
        />
      ))}
      <div className={styles.buttons}>
        <Button
          variant="secondary"
          icon={<PlusIcon />}
          isDisabled={isDisabled}
          onClick={() =>
            change(
              onVm((vm) =>
                withNewNic(vm, hasPod || isImplicit ? { kind: 'multus', name: '' } : { kind: 'pod' }),
              ),
            )
          }
        >
          {t('networks.add')}
        </Button>
      </div>
    </SectionBody>
  );
}
