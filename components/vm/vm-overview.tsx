'use client';

import { Grid, GridItem, Stack, StackItem } from '@patternfly/react-core';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { runStrategyOf, type VmFacts } from '@/lib/kinds/vm/facts';
import { vmSize } from '@/lib/kinds/vm/size';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { formatBytes } from '@/lib/units';
import { ChangeList } from './change-list';
import { ConditionList } from './condition-list';
import { DiskTable, NicTable } from './device-tables';
import { FactList, Section } from './fact-list';
import { GuestCard } from './guest-card';
import { OwnerChain } from './owner-chain';
import { VmLabels } from './tree/vm-labels';

/** What a VM is, how it is, and what it runs on. */
export function VmOverview({
  target,
  vm,
  vmi,
  facts,
}: {
  target: Ref;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
  facts: VmFacts;
}) {
  const t = useText();
  return (
    <Grid hasGutter>
      <GridItem lg={6}>
        <Stack hasGutter>
          <StackItem>
            <SpecCard vm={vm} vmi={vmi} />
          </StackItem>
          <StackItem>
            <Section title={t('tree.card.title')}>
              <VmLabels
                target={target}
                vm={{ ...target, uid: vm.metadata.uid, labels: vm.metadata.labels ?? {} }}
              />
            </Section>
          </StackItem>
          <StackItem>
            <Section title={t('vm.overview.conditions')}>
              <ConditionList vm={vm} vmi={vmi} />
            </Section>
          </StackItem>
        </Stack>
      </GridItem>
      <GridItem lg={6}>
        <Stack hasGutter>
          <StackItem>
            <Section title={t('vm.overview.chain')}>
              <OwnerChain target={target} vm={vm} vmi={vmi} />
            </Section>
          </StackItem>
          <StackItem>
            <Section title={t('vm.guest.title')}>
              <GuestCard target={target} facts={facts} />
            </Section>
          </StackItem>
        </Stack>
      </GridItem>
      <GridItem>
        <Section title={t('tasks.changes.title')}>
          <ChangeList target={target} vm={vm} />
        </Section>
      </GridItem>
      <GridItem>
        <Section title={t('vm.overview.networks')}>
          <NicTable vm={vm} vmi={vmi} />
        </Section>
      </GridItem>
      <GridItem>
        <Section title={t('vm.overview.disks')}>
          <DiskTable vm={vm} vmi={vmi} />
        </Section>
      </GridItem>
    </Grid>
  );
}

function SpecCard({ vm, vmi }: { vm: VirtualMachine; vmi: VirtualMachineInstance | undefined }) {
  const t = useText();
  const { vcpus, memoryBytes } = vmSize(vm, vmi);
  const spec = vmi?.spec ?? vm.spec.template?.spec;
  const cpu = spec?.domain?.cpu;
  const unknown = t('vm.overview.byInstancetype');
  const grace = spec?.terminationGracePeriodSeconds;
  return (
    <Section title={t('vm.overview.spec')}>
      <FactList
        label={t('vm.overview.spec')}
        facts={[
          [t('vm.overview.description'), vm.metadata.annotations?.description],
          [t('vm.overview.runStrategy'), runStrategyOf(vm)],
          [
            t('vm.overview.cpu'),
            <span key="cpu" title={cpu && topology(t, cpu)}>
              {vcpus ? t('vm.overview.cpuValue', { count: vcpus }) : unknown}
            </span>,
          ],
          [t('vm.overview.memory'), memoryBytes ? formatBytes(memoryBytes) : unknown],
          [t('vm.overview.instancetype'), vm.spec.instancetype?.name],
          [t('vm.overview.preference'), vm.spec.preference?.name],
          [
            t('vm.overview.machine'),
            [spec?.architecture, vmi?.status?.machine?.type ?? spec?.domain?.machine?.type]
              .filter(Boolean)
              .join(', '),
          ],
          [
            t('vm.overview.grace'),
            grace === undefined ? undefined : t('vm.overview.graceValue', { seconds: grace }),
          ],
          [t('vm.overview.created'), <Age key="created" time={vm.metadata.creationTimestamp} ago />],
        ]}
      />
    </Section>
  );
}

function topology(
  t: ReturnType<typeof useText>,
  { sockets = 1, cores = 1, threads = 1 }: { sockets?: number; cores?: number; threads?: number },
): string {
  return t('vm.overview.topology', { sockets, cores, threads });
}
