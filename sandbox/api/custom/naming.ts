import type { Definition, DefinitionCondition, DefinitionNames } from './definition';

/** What the naming and establishing controllers conclude about one definition. */
export interface Naming {
  acceptedNames: DefinitionNames;
  /** NamesAccepted and Established, without their times. */
  conditions: DefinitionCondition[];
}

/**
 * Which of its names a definition gets, when `others` of the same group have theirs; the first to ask for a name keeps
 * it. A definition is established, and served, once it has had all its names.
 */
export function naming(definition: Definition, others: readonly Definition[]): Naming {
  const wanted = definition.spec.names;
  const held: DefinitionNames = definition.status?.acceptedNames ?? { plural: '', kind: '' };
  const accepted: DefinitionNames = { ...held };
  const taken = others.flatMap(({ status }) => resourceNames(status?.acceptedNames));
  const takenKinds = others.flatMap(({ status }) => kindNames(status?.acceptedNames));
  let conflict: { reason: string; message: string } | undefined;
  const isFree = (name: string, mine: string | undefined, used: string[], reason: string): boolean => {
    if (name === mine || !used.includes(name)) return true;
    conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
    return false;
  };
  if (isFree(wanted.plural, held.plural, taken, 'PluralConflict')) accepted.plural = wanted.plural;
  const { singular = '', listKind = '', shortNames = [] } = wanted;
  if (isFree(singular, held.singular, taken, 'SingularConflict')) accepted.singular = singular;
  const inUse = shortNames.filter((name) => !held.shortNames?.includes(name) && taken.includes(name));
  if (inUse.length > 0) {
    const texts = inUse.map((name) => `${JSON.stringify(name)} is already in use`);
    const message = texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? '');
    conflict = { reason: 'ShortNamesConflict', message };
  } else if (shortNames.length > 0) accepted.shortNames = shortNames;
  else delete accepted.shortNames;
  if (isFree(wanted.kind, held.kind, takenKinds, 'KindConflict')) accepted.kind = wanted.kind;
  if (isFree(listKind, held.listKind, takenKinds, 'ListKindConflict')) accepted.listKind = listKind;
  if (wanted.categories?.length) accepted.categories = wanted.categories;
  else delete accepted.categories;
  return { acceptedNames: accepted, conditions: conditionsFor(definition, conflict) };
}

function conditionsFor(
  definition: Definition,
  conflict: { reason: string; message: string } | undefined,
): DefinitionCondition[] {
  const names: DefinitionCondition = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const before = definition.status?.conditions?.find(({ type }) => type === 'Established');
  if (before?.status === 'True') return [names, before];
  const established: DefinitionCondition = conflict
    ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
    : {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      };
  return [names, established];
}

function resourceNames(names: DefinitionNames | undefined): string[] {
  if (!names) return [];
  return [names.plural, names.singular ?? '', ...(names.shortNames ?? [])].filter(Boolean);
}

function kindNames(names: DefinitionNames | undefined): string[] {
  return names ? [names.kind, names.listKind ?? ''].filter(Boolean) : [];
}
