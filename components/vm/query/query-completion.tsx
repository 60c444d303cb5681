'use client';

import { css } from '@patternfly/react-styles';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { VmDimension, VmGroup } from '@/lib/kinds/vm/dimensions';
import {
  accept,
  type Completion,
  completionAt,
  type Offer,
  offersFor,
  textAround,
} from '@/lib/kinds/vm/language/complete';
import { fieldTerm, literal, printTerm } from '@/lib/kinds/vm/language/print';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { useVmGroups } from '@/lib/live/use-live';
import styles from './query.module.css';

/** Takes a key of the input; whether it meant something to the list. */
export type CompletionKeys = (key: string) => boolean;

const MOST_GROUPS = 200;
const MOST_OFFERS = 50;
const PAGE = 5;
const ANNOUNCE_MS = 600;

interface Props {
  id: string;
  cluster: string;
  known: string[];
  query: VmQuery;
  text: string;
  caret: number;
  isOpen: boolean;
  keys: RefObject<CompletionKeys | undefined>;
  onOffer: (offered: { count: number; activeId?: string }) => void;
  /** `isDone`: nothing is expected to follow. */
  onChoose: (text: string, caret: number, isDone: boolean) => void;
}

/** What could stand at the caret: fields with what they mean, values with how many VMs have them. */
export function QueryCompletion(props: Props) {
  const { text, caret, isOpen, onOffer } = props;
  const completion = useMemo(() => (isOpen ? completionAt(text, caret) : undefined), [isOpen, text, caret]);
  const dimension = completion?.kind === 'value' ? completion.dimension : undefined;
  useEffect(() => {
    if (!completion) onOffer({ count: 0 });
  }, [completion, onOffer]);
  if (!completion) return null;
  return dimension ? (
    <WithGroups key={dimension} {...props} completion={completion} dimension={dimension} />
  ) : (
    <Offers {...props} completion={completion} groups={NO_GROUPS} />
  );
}

const NO_GROUPS: VmGroup[] = [];

/** Asks for the values there are under the rest of the query; of very many, for those that begin like the typed text. */
function WithGroups({
  completion,
  dimension,
  ...props
}: Props & { completion: Completion; dimension: VmDimension }) {
  const [isLong, setLong] = useState(false);
  const around = textAround(props.text, completion);
  const begins = isLong && completion.typed ? `${around} ${beginning(completion)}` : around;
  const query = { ...props.query, text: begins };
  const { groups } = useVmGroups(props.cluster, query, [dimension], {
    limit: MOST_GROUPS,
    known: props.known,
  });
  const found = groups?.groups[dimension];
  if (!isLong && found && found.more > 0) setLong(true);
  return <Offers {...props} completion={completion} groups={found?.groups ?? NO_GROUPS} />;
}

/** A term for all values that hold the typed text. */
function beginning(completion: Completion): string {
  if (completion.kind !== 'value') return '';
  const plain = literal(completion.typed);
  const value = { ...plain, text: `*${plain.text}*`, quoted: false };
  // With a space or a comma in it the text would have to be quoted, and then it has no wildcards.
  return plain.quoted ? '' : printTerm(fieldTerm(completion.field.name, [value]));
}

function Offers({
  id,
  text,
  completion,
  groups,
  keys,
  onOffer,
  onChoose,
}: Props & { completion: Completion; groups: VmGroup[] }) {
  const t = useText();
  const offers = useMemo(() => offersFor(completion, groups).slice(0, MOST_OFFERS), [completion, groups]);
  const [chosen, setChosen] = useState<string>();
  const at = offers.findIndex((offer) => offer.insert === chosen);
  const activeId = at < 0 ? undefined : `${id}-offer-${at}`;

  const choose = (offer: Offer) => {
    const next = accept(text, completion, offer);
    setChosen(undefined);
    onChoose(next.text, next.caret, !offer.continues);
  };
  const press: CompletionKeys = (key) => {
    const last = offers.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      PageDown: Math.min(at + PAGE, last),
      PageUp: Math.max(at - PAGE, 0),
    };
    const next = steps[key];
    const active = offers[at];
    if (next !== undefined) setChosen(offers[next]?.insert);
    else if (key === 'Enter' && active) choose(active);
    else return false;
    return true;
  };
  useLayoutEffect(() => {
    keys.current = press;
    return () => {
      keys.current = undefined;
    };
  });

  const count = offers.length;
  useEffect(() => onOffer(activeId ? { count, activeId } : { count }), [count, activeId, onOffer]);
  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  return (
    <>
      {count > 0 && (
        <div id={`${id}-list`} role="listbox" aria-label={t('query.suggestions')} className={styles.offers}>
          {offers.map((offer, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the input has the focus and hears the keys.
            <div
              key={offer.insert}
              id={`${id}-offer-${index}`}
              role="option"
              aria-selected={index === at}
              className={css(styles.offer, index === at && styles.active)}
              // The focus stays in the input.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(offer)}
            >
              <span className={offer.label === undefined ? styles.subtle : 'portlight-mono'}>
                {offer.label ?? t('query.none')}
              </span>
              {offer.about && <span className={styles.subtle}>{t(offer.about)}</span>}
              {offer.count !== undefined && <span className={styles.count}>{offer.count}</span>}
            </div>
          ))}
        </div>
      )}
      <Announcer text={t('query.suggested', { count })} />
    </>
  );
}

/** Says how much there is to choose from, once it rests. */
function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), ANNOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p className="pf-v6-screen-reader" role="status">
      {said}
    </p>
  );
}
