import type { ReactNode } from 'react';

/** One thing to choose. */
export interface ChoiceOption {
  value: string;
  label: string;
  description?: string | undefined;
  /** Options of one group stand together under its name; those without a group come first. */
  group?: string | undefined;
  /** Why it can't be chosen; it stays visible. */
  disabled?: string | undefined;
  icon?: ReactNode;
}

/** More than this is never rendered: one types to narrow. */
export const SHOWN_OPTIONS = 100;

export interface NarrowedOptions {
  /** In the order in which they show, groups together. */
  shown: ChoiceOption[];
  /** How many more match. */
  more: number;
}

/**
 * The options that hold every word of `typed` in value, label, description or group. Those whose label or value begins
 * with what was typed come first within their group; otherwise the given order stays.
 */
export function narrowOptions(
  options: readonly ChoiceOption[],
  typed: string,
  limit = SHOWN_OPTIONS,
): NarrowedOptions {
  const wanted = typed.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const matching = options.filter((option) => {
    const said =
      `${option.label} ${option.value} ${option.description ?? ''} ${option.group ?? ''}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  const begins = ({ label, value }: ChoiceOption) =>
    label.toLowerCase().startsWith(wanted) || value.toLowerCase().startsWith(wanted);
  const ranked =
    wanted === '' ? matching : [...matching.filter(begins), ...matching.filter((option) => !begins(option))];
  const groups = [...new Set(['', ...options.map(({ group = '' }) => group)])];
  const ordered =
    groups.length === 1
      ? ranked
      : groups.flatMap((group) => ranked.filter((option) => (option.group ?? '') === group));
  return { shown: ordered.slice(0, limit), more: Math.max(0, ordered.length - limit) };
}

/** The option that words name exactly, by value or by label whatever its case. */
export function optionNamed(options: readonly ChoiceOption[], typed: string): ChoiceOption | undefined {
  const wanted = typed.trim();
  return (
    options.find(({ value }) => value === wanted) ??
    options.find(({ label }) => label.toLowerCase() === wanted.toLowerCase())
  );
}
