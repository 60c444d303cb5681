'use client';

import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import Link from 'next/link';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { paths } from '@/lib/paths';
import styles from './shell.module.css';
import { useClusterHealth } from './use-cluster-health';

/** Shows which cluster this page is about and leads to the others. */
export function ClusterMenu({ cluster, clusters }: { cluster: string; clusters: ClusterInfo[] }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { state } = useClusterHealth(cluster);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          isExpanded={open}
          onClick={() => setOpen(!open)}
          aria-label={`${t('shell.cluster.label', { cluster })}, ${t(`shell.cluster.health.${state}`)}`}
          className={styles.clusterToggle}
        >
          <span className={styles.clusterDot} data-state={state} aria-hidden="true" />
          <span className={styles.clusterName}>{cluster}</span>
        </MenuToggle>
      )}
    >
      <DropdownList aria-label={t('shell.cluster.choose')}>
        {clusters.map((each) => (
          <DropdownItem
            key={each.name}
            isSelected={each.name === cluster}
            description={[each.user, each.server, each.insecure && t('shell.cluster.insecure')]
              .filter(Boolean)
              .join(' · ')}
            // A link, so that a middle click opens the other cluster in a tab of its own.
            component={(props) => <Link {...props} href={paths.vms(each.name)} />}
            onClick={() => setOpen(false)}
          >
            {each.name}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
