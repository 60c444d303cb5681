'use client';

import { useText } from '@/components/ui/text';
import type { Node } from '@/lib/kinds/pod';
import { RESOURCES } from '@/lib/kinds/resources';
import {
  CORES,
  CPU_MODEL,
  DEDICATED,
  HUGEPAGES,
  IO_THREADS_COUNT,
  IO_THREADS_POLICY,
  ISOLATE_EMULATOR,
  LIMIT_CPU,
  LIMIT_MEMORY,
  MAX_GUEST,
  MAX_SOCKETS,
  MEMORY_GUEST,
  NUMA,
  ownSize,
  product,
  REQUEST_CPU,
  REQUEST_MEMORY,
  SOCKETS,
  THREADS,
  topologyOf,
  VCPUS,
} from '@/lib/kinds/vm/form/size-fields';
import { useObjects } from '@/lib/live/use-live';
import { AmountRow, NumberRow, PickRow, SwitchRow, WordRow } from '../field-rows';
import { SectionPart } from '../section-part';
import { useVmForm } from '../vm-form';
import styles from './size.module.css';

/** CPU and memory that the VM says itself: two numbers, and all the rest on demand. */
export function OwnSize() {
  const t = useText();
  const { draft, mode } = useVmForm();
  const topology = topologyOf(draft.vm);
  const { cores = 1, threads = 1, sockets = 1 } = topology;
  const isUsed = (fields: readonly { read(vm: typeof draft.vm): unknown }[]) =>
    fields.some((field) => Boolean(field.read(draft.vm)));
  const own = ownSize(draft.vm);
  const pageSizes = ['2Mi', '1Gi'].map((value) => ({
    value,
    label: t('compute.hugepages.page', { size: value }),
  }));
  return (
    <>
      <div className={styles.pair}>
        <NumberRow
          field={VCPUS}
          label={t('compute.vcpus.label')}
          help={t('compute.vcpus.help')}
          min={1}
          placeholder={String(own.vcpus ?? 1)}
        />
        <AmountRow
          field={MEMORY_GUEST}
          label={t('compute.memory.label')}
          help={
            MEMORY_GUEST.read(draft.vm) === '' && own.memory
              ? t('compute.memory.byRequest', { amount: own.memory })
              : t('compute.memory.help')
          }
          isRequired
        />
      </div>
      <SectionPart title={t('compute.topology.title')} isFoldable isOpen={cores > 1 || threads > 1}>
        <div className={styles.topology}>
          <NumberRow field={SOCKETS} label={t('compute.topology.sockets')} min={1} placeholder="1" />
          <NumberRow field={CORES} label={t('compute.topology.cores')} min={1} placeholder="1" />
          <NumberRow field={THREADS} label={t('compute.topology.threads')} min={1} placeholder="1" />
        </div>
        <p aria-live="polite">
          {t('compute.topology.product', { sockets, cores, threads, vcpus: product(topology) ?? 1 })}
        </p>
      </SectionPart>
      <SectionPart
        title={t('compute.grow.title')}
        help={t('compute.grow.help')}
        isFoldable
        isOpen={isUsed([MAX_SOCKETS, MAX_GUEST])}
      >
        <div className={styles.pair}>
          <NumberRow
            field={MAX_SOCKETS}
            label={t('compute.maxSockets.label')}
            help={t('compute.maxSockets.help')}
            min={1}
          />
          <AmountRow
            field={MAX_GUEST}
            label={t('compute.maxMemory.label')}
            help={t('compute.maxMemory.help')}
          />
        </div>
      </SectionPart>
      <SectionPart
        title={t('compute.resources.title')}
        help={t('compute.resources.help')}
        isFoldable
        isOpen={isUsed([REQUEST_CPU, LIMIT_CPU, REQUEST_MEMORY, LIMIT_MEMORY])}
      >
        <div className={styles.pair}>
          <AmountRow field={REQUEST_CPU} label={t('compute.resources.requestCpu')} of="cpu" />
          <AmountRow field={LIMIT_CPU} label={t('compute.resources.limitCpu')} of="cpu" />
          <AmountRow field={REQUEST_MEMORY} label={t('compute.resources.requestMemory')} />
          <AmountRow field={LIMIT_MEMORY} label={t('compute.resources.limitMemory')} />
        </div>
      </SectionPart>
      <SectionPart
        title={t('compute.placement.title')}
        isFoldable
        isOpen={
          mode === 'configure'
            ? isUsed([DEDICATED, NUMA, HUGEPAGES, CPU_MODEL, IO_THREADS_POLICY])
            : isUsed([DEDICATED, NUMA, HUGEPAGES])
        }
      >
        <SwitchRow
          field={DEDICATED}
          label={t('compute.dedicated.label')}
          help={t('compute.dedicated.help')}
        />
        <SwitchRow
          field={ISOLATE_EMULATOR}
          label={t('compute.isolate.label')}
          help={t('compute.isolate.help')}
        />
        <PickRow
          field={HUGEPAGES}
          label={t('compute.hugepages.label')}
          help={t('compute.hugepages.help')}
          options={[{ value: '', label: t('compute.hugepages.none') }, ...pageSizes]}
        />
        <SwitchRow field={NUMA} label={t('compute.numa.label')} help={t('compute.numa.help')} />
        <CpuModelRow />
        <PickRow
          field={IO_THREADS_POLICY}
          label={t('compute.ioThreads.label')}
          help={t('compute.ioThreads.help')}
          options={(['', 'shared', 'auto', 'supplementalPool'] as const).map((value) => ({
            value,
            label: t(`compute.ioThreads.${value || 'none'}`),
            description: t(`compute.ioThreads.${value || 'none'}Note`),
          }))}
        />
        {IO_THREADS_POLICY.read(draft.vm) === 'supplementalPool' && (
          <NumberRow field={IO_THREADS_COUNT} label={t('compute.ioThreads.countLabel')} min={1} />
        )}
      </SectionPart>
    </>
  );
}

const MODEL_LABEL = 'cpu-model.node.kubevirt.io/';

/** The model of the CPU, with those that the nodes' labels offer. */
function CpuModelRow() {
  const t = useText();
  const { cluster } = useVmForm();
  const { objects } = useObjects<Node>(cluster, { resource: RESOURCES.nodes });
  const models = new Set(
    objects.flatMap(({ metadata }) =>
      Object.keys(metadata.labels ?? {})
        .filter((key) => key.startsWith(MODEL_LABEL))
        .map((key) => key.slice(MODEL_LABEL.length)),
    ),
  );
  return (
    <WordRow
      field={CPU_MODEL}
      label={t('compute.model.label')}
      help={t('compute.model.help')}
      choices={['host-model', 'host-passthrough', ...[...models].sort()]}
    />
  );
}
