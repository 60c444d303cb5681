/** What the page "What may I do?" shows; all of it stands in the URL. */
export interface AccessQuery {
  /** Empty: all namespaces. */
  namespace: string;
  /** Words that a row must contain. */
  text: string;
  show: 'all' | 'allowed' | 'refused';
  /** Ids of abilities for which a role is wanted. */
  picked: string[];
  /** Words that a rule must contain. */
  rules: string;
}

export const SHOWN = ['all', 'allowed', 'refused'] as const;

export function parseAccessQuery(params: URLSearchParams): AccessQuery {
  const show = params.get('show');
  return {
    namespace: params.get('namespace') ?? '',
    text: params.get('q') ?? '',
    show: SHOWN.find((each) => each === show) ?? 'all',
    picked: (params.get('pick') ?? '').split(',').filter((id) => id !== ''),
    rules: params.get('rules') ?? '',
  };
}

/** Without what is as it is by itself, so that the plain page has a plain address. */
export function formatAccessQuery({ namespace, text, show, picked, rules }: AccessQuery): string {
  const params = new URLSearchParams();
  if (namespace) params.set('namespace', namespace);
  if (text) params.set('q', text);
  if (show !== 'all') params.set('show', show);
  if (picked.length > 0) params.set('pick', picked.join(','));
  if (rules) params.set('rules', rules);
  return params.toString();
}

/** Whether all words of the filter occur in the texts, in any order and case. */
export function matchesWords(filter: string, texts: readonly string[]): boolean {
  const where = texts.join(' ').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word));
}
