'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type ChosenColumn, formatVmColumns, parseVmColumns } from '@/lib/kinds/vm/columns';
import { COLUMNS_PARAM, type Density, keepListSettings, type ListSettings } from './list-settings';

export interface ListSettingsControl extends ListSettings {
  setColumns: (columns: readonly ChosenColumn[]) => void;
  setDensity: (density: Density) => void;
}

/**
 * Columns and density. The address says which columns, if not the usual ones, so that whoever opens it sees the same;
 * what one chooses oneself is also remembered in this browser. `remembered` is what the page was rendered with.
 */
export function useListSettings(remembered: ListSettings): ListSettingsControl {
  const [own, setOwn] = useState(remembered);
  const params = useSearchParams();
  const pathname = usePathname();
  const inAddress = params.get(COLUMNS_PARAM);
  /** What was chosen while the address still says something else: it follows a moment later. */
  const [chosen, setChosen] = useState<{ address: string | null; columns: readonly ChosenColumn[] }>();
  // Once it has followed, it alone counts: Back leads to what it said before.
  const early = chosen?.address === inAddress ? chosen.columns : undefined;
  if (chosen && !early) setChosen(undefined);
  const columns = useMemo(
    () => early ?? parseVmColumns(inAddress) ?? own.columns,
    [early, inAddress, own.columns],
  );
  const latest = useRef({ own, pathname, inAddress });
  latest.current = { own, pathname, inAddress };

  const wanted = formatVmColumns(columns);
  // What one has chosen earlier belongs into the address too, or a copied one would show others something else.
  useEffect(() => {
    if (wanted !== (inAddress ?? '')) writeColumns(pathname, wanted);
  }, [wanted, inAddress, pathname]);

  const setColumns = useCallback((next: readonly ChosenColumn[]) => {
    const settings = { ...latest.current.own, columns: next };
    setOwn(settings);
    setChosen({ address: latest.current.inAddress, columns: next });
    keepListSettings(settings);
    writeColumns(latest.current.pathname, formatVmColumns(next));
  }, []);
  const setDensity = useCallback((density: Density) => {
    const settings = { ...latest.current.own, density };
    setOwn(settings);
    keepListSettings(settings);
  }, []);
  return { columns, density: own.density, setColumns, setDensity };
}

function writeColumns(pathname: string, text: string): void {
  const params = new URLSearchParams(window.location.search);
  if (text) params.set(COLUMNS_PARAM, text);
  else params.delete(COLUMNS_PARAM);
  // Commas and colons may stand in a query as they are, and are read more easily.
  const search = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  window.history.replaceState(null, '', search ? `${pathname}?${search}` : pathname);
}
