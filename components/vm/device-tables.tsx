'use client';

import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Copyable } from '@/components/ui/copyable';
import { type Say, useText } from '@/components/ui/text';
import type { Resource } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { type VmDisk, type VmNic, vmDisks, vmNics } from '@/lib/kinds/vm/devices';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { formatBytes, parseQuantity } from '@/lib/units';
import { ObjectLink } from './object-link';
import styles from './vm.module.css';

interface Props {
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
}

const SOURCES = [
  'persistentVolumeClaim',
  'dataVolume',
  'containerDisk',
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  'configMap',
  'secret',
  'emptyDisk',
  'ephemeral',
  'hostDisk',
  'sysprep',
  'serviceAccount',
] as const;

export function DiskTable({ vm, vmi }: Props) {
  const t = useText();
  const disks = vmDisks(vm, vmi);
  if (disks.length === 0) return <p>{t('vm.overview.noDisks')}</p>;
  return (
    <Table aria-label={t('vm.disk.table')} variant="compact" borders={false} gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th>{t('vm.disk.name')}</Th>
          <Th>{t('vm.disk.device')}</Th>
          <Th>{t('vm.disk.source')}</Th>
          <Th>{t('vm.disk.target')}</Th>
          <Th className={styles.numberHead}>{t('vm.disk.size')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {disks.map((disk) => (
          <Tr key={disk.name}>
            <Td dataLabel={t('vm.disk.name')}>{disk.name}</Td>
            <Td dataLabel={t('vm.disk.device')}>{deviceWords(t, disk)}</Td>
            <Td dataLabel={t('vm.disk.source')} modifier="breakWord">
              {sourceWords(t, disk)}
              {disk.detail && (
                <div className={styles.words}>
                  <Detail disk={disk} namespace={vm.metadata.namespace} />
                </div>
              )}
              {disk.message && <div className={styles.words}>{disk.message}</div>}
            </Td>
            <Td dataLabel={t('vm.disk.target')} className="portlight-mono">
              {disk.target || t('common.none')}
            </Td>
            <Td dataLabel={t('vm.disk.size')} className={styles.number}>
              {sizeWords(t, disk)}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

/** Sources whose detail is the name of an object. */
const OBJECTS: Readonly<Record<string, Resource>> = {
  persistentVolumeClaim: RESOURCES.persistentVolumeClaims,
  dataVolume: RESOURCES.dataVolumes,
  secret: RESOURCES.secrets,
  cloudInitNoCloud: RESOURCES.secrets,
  cloudInitConfigDrive: RESOURCES.secrets,
};

function Detail({ disk, namespace }: { disk: VmDisk; namespace: string | undefined }) {
  const resource = OBJECTS[disk.source];
  if (!resource) return disk.detail;
  return <ObjectLink resource={resource} namespace={namespace} name={disk.detail} />;
}

function deviceWords(t: Say, { device, bus, bootOrder }: VmDisk): string {
  if (!device) return t('vm.disk.unused');
  const order = bootOrder === undefined ? '' : t('vm.disk.boot', { order: bootOrder });
  return [device, bus, order].filter(Boolean).join(', ');
}

function sourceWords(t: Say, { source }: VmDisk): string {
  if (!source) return t('vm.disk.missing');
  const known = SOURCES.find((each) => each === source);
  return known ? t(`vm.disk.${known}`) : t('vm.disk.otherSource', { source });
}

function sizeWords(t: Say, { size }: VmDisk): string {
  const bytes = parseQuantity(size);
  return bytes ? formatBytes(bytes) : t('common.none');
}

export function NicTable({ vm, vmi }: Props) {
  const t = useText();
  const nics = vmNics(vm, vmi);
  if (nics.length === 0) return <p>{t('vm.overview.noNetworks')}</p>;
  return (
    <Table aria-label={t('vm.nic.table')} variant="compact" borders={false} gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th>{t('vm.nic.name')}</Th>
          <Th>{t('vm.nic.network')}</Th>
          <Th>{t('vm.nic.mac')}</Th>
          <Th>{t('vm.nic.ips')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {nics.map((nic) => (
          <Tr key={nic.key}>
            <Td dataLabel={t('vm.nic.name')}>
              {nic.name || nic.guestName}
              <div className={styles.words}>{nicNote(t, nic)}</div>
            </Td>
            <Td dataLabel={t('vm.nic.network')}>
              {nic.network === 'pod' ? t('vm.nic.pod') : nic.network || t('common.none')}
              <div className={styles.words}>{[nic.binding, nic.model].filter(Boolean).join(', ')}</div>
            </Td>
            <Td dataLabel={t('vm.nic.mac')} modifier="nowrap">
              {nic.mac ? <Copyable label={nic.mac}>{nic.mac}</Copyable> : t('common.none')}
            </Td>
            <Td dataLabel={t('vm.nic.ips')} modifier="nowrap">
              {nic.ips.length === 0 && t('common.none')}
              {nic.ips.map((ip) => (
                <div key={ip}>
                  <Copyable label={ip}>{ip}</Copyable>
                </div>
              ))}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function nicNote(t: Say, { name, guestName, linkState }: VmNic): string {
  const inGuest = name ? guestName && t('vm.nic.inGuest', { name: guestName }) : t('vm.nic.guestOnly');
  return [inGuest, linkState === 'down' ? t('vm.nic.down') : ''].filter(Boolean).join(', ');
}
