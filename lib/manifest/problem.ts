import type { Text } from '@/lib/text';

/** A stretch of a text: UTF-16 offsets for the editor, 1-based line and column for people. */
export interface Range {
  from: number;
  to: number;
  line: number;
  column: number;
}

/** `error` keeps a manifest from being sent; `warning` and `info` do not. */
export type Severity = 'error' | 'warning' | 'info';

/** Something to say about one place of a text that holds manifests. */
export interface Problem {
  severity: Severity;
  message: Text;
  range: Range;
  /** Index of the YAML document in the text. */
  document: number;
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
