'use client';

import { isWithin } from '@/lib/kinds/vm/form/field';
import { type NicProblem, placesOf } from '@/lib/kinds/vm/form/networks/nic-problems';
import { INTERFACES, NETWORKS, type Nic, nicName } from '@/lib/kinds/vm/form/networks/nics';
import { type PlacedProblem, useVmForm } from '../vm-form';

export interface NicProps {
  nic: Nic;
  index: number;
  problems: readonly NicProblem[];
  onChange: (edit: (nic: Nic) => Nic | undefined) => void;
}

/** What is said of a card's values, and when their changes take effect. */
export function useNicPlaces({ nic, problems }: NicProps) {
  const { draft, problems: placed, applies } = useVmForm();
  const places = placesOf(draft.vm, nic);
  const name = nicName(nic);
  return {
    /** The card's own problems, and the server's about these fields of it (an empty one for the card as such). */
    problemsOf: (about: NicProblem['about'], fields: readonly string[]): PlacedProblem[] => {
      const own = problems.filter((each) => each.about === about);
      const said = placed.filter(({ path }) =>
        places.some((place) =>
          fields.some((each) =>
            each === ''
              ? path.toLowerCase() === place.toLowerCase()
              : path.toLowerCase().startsWith(place.toLowerCase()) &&
                isWithin(path, `${place.replace(/\[\d+\]$/, '')}.${each}`),
          ),
        ),
      );
      return own.length > 0
        ? own.map(({ severity, message }) => ({ path: `${name}.${about}`, severity, message }))
        : said;
    },
    appliesTo: (field: string) => {
      const list = field === 'network' ? NETWORKS : INTERFACES;
      const leaf = field === 'network' ? '' : `.${field}`;
      return applies([`${list.join('.')}[${name}]${leaf}`]);
    },
  };
}
