import type { useText } from '@/components/ui/text';
import type { FieldDocumentation } from '@/lib/manifest/schema/documentation';

type Say = ReturnType<typeof useText>;

/** A field's documentation in words, for a tooltip and for a screen reader alike. */
export interface FieldWords {
  name: string;
  /** Type, whether it is required, whether it is deprecated. */
  facts: string;
  description: string;
  /** Values, default, path. */
  lines: string[];
}

const MOST_VALUES = 24;
const KNOWN = ['object', 'array', 'string', 'integer', 'number', 'boolean'] as const;

export function fieldWords(t: Say, field: FieldDocumentation, path = ''): FieldWords {
  const facts = [
    typeWords(t, field),
    ...(field.isRequired ? [t('editor.field.required')] : []),
    ...(field.isDeprecated ? [t('editor.field.deprecated')] : []),
  ];
  const lines = [
    ...(field.values.length > 0
      ? [t('editor.field.values', { values: field.values.slice(0, MOST_VALUES).join(', ') })]
      : []),
    ...(field.default ? [t('editor.field.default', { value: field.default })] : []),
    ...(path ? [t('editor.field.path', { path })] : []),
  ];
  return {
    name: field.name,
    facts: facts.join(' · '),
    description: field.description || t('editor.field.undescribed'),
    lines,
  };
}

/** `list of objects`, `text (date-time)`. */
export function typeWords(
  t: Say,
  field: Pick<FieldDocumentation, 'types' | 'entryTypes' | 'format'>,
): string {
  const isList = field.types.includes('array');
  const word = isList
    ? t('editor.field.list', { of: single(field.entryTypes) })
    : t('editor.field.type', { type: single(field.types) });
  return field.format && field.format !== 'int-or-string' && !isList ? `${word} (${field.format})` : word;
}

/** The catalogue's word for one type, for number or text together, or for anything. */
function single(types: readonly string[]): string {
  const [only] = types;
  if (types.length === 1) return KNOWN.find((known) => known === only) ?? 'any';
  return types.length === 2 && types.includes('string') ? 'numberOrText' : 'any';
}
