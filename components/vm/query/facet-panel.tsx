'use client';

import type { ReactNode } from 'react';
import { useText } from '@/components/ui/text';
import type { VmDimension } from '@/lib/kinds/vm/dimensions';
import { FOLDER_LABEL, OPENSHIFT_FOLDER_LABEL, TAG_PREFIX } from '@/lib/kinds/vm/labels';
import { saysOf, withoutDimension } from '@/lib/kinds/vm/language/edit';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { useVmGroups } from '@/lib/live/use-live';
import { Facet, type FacetGroups } from './facet';
import styles from './query.module.css';

const DIMENSIONS = [
  'status',
  'tone',
  'namespace',
  'node',
  'os',
  'instancetype',
  'application',
  'tag',
  'folder',
  'network',
  'owner',
  'condition',
] as const satisfies VmDimension[];

/** More values than these are asked for by typing. */
const MOST_VALUES = 100;

interface Props {
  cluster: string;
  known: string[];
  query: VmQuery;
  onChange: (text: string) => void;
}

/** Values to filter by, each with how many of the matching VMs have it; a click puts it into the query or takes it out. */
export function FacetPanel(props: Props) {
  const t = useText();
  const { cluster, known, query, onChange } = props;
  const { groups } = useVmGroups(cluster, query, [...DIMENSIONS, 'labelKey'], { limit: MOST_VALUES, known });
  if (!groups) return <p className={styles.subtle}>{t('query.facets.loading')}</p>;
  const keys = (groups.groups.labelKey?.groups ?? []).filter(
    ({ value }) => value !== '' && !isOwnLabel(value),
  );
  return (
    <div className={styles.facets}>
      {DIMENSIONS.map((dimension) => {
        const title = t(`query.dimension.${dimension}`);
        const common = { dimension, title, text: query.text, onChange };
        return saysOf(query.text, dimension) ? (
          <OwnFacet key={dimension} {...props} dimension={dimension} title={title} />
        ) : (
          <Facet key={dimension} {...common} found={groups.groups[dimension]} />
        );
      })}
      {keys.map(({ value }) => (
        <OwnFacet key={`label:${value}`} {...props} dimension={`label:${value}`} title={value} isFolded />
      ))}
    </div>
  );
}

/** Labels that have a facet of their own as folders and tags. */
function isOwnLabel(key: string): boolean {
  return key === FOLDER_LABEL || key === OPENSHIFT_FOLDER_LABEL || key.startsWith(TAG_PREFIX);
}

/** A facet that counts for itself: what is chosen in it must not take its other values away. */
function OwnFacet({
  cluster,
  known,
  query,
  onChange,
  dimension,
  title,
  isFolded = false,
}: Props & { dimension: VmDimension; title: string; isFolded?: boolean }) {
  const isChosen = saysOf(query.text, dimension);
  return (
    <Facet
      dimension={dimension}
      title={title}
      text={query.text}
      onChange={onChange}
      isFolded={isFolded && !isChosen}
    >
      {(show) => <Counted cluster={cluster} known={known} query={query} dimension={dimension} show={show} />}
    </Facet>
  );
}

function Counted({
  cluster,
  known,
  query,
  dimension,
  show,
}: Omit<Props, 'onChange'> & {
  dimension: VmDimension;
  show: (found: FacetGroups | undefined) => ReactNode;
}) {
  const others = { ...query, text: withoutDimension(query.text, dimension) };
  const { groups } = useVmGroups(cluster, others, [dimension], { limit: MOST_VALUES, known });
  return show(groups?.groups[dimension]);
}
