import type { Text } from '@/lib/text';

/** `:` matches in the field's own way, `=` exactly; the others compare numbers, sizes and ages. */
export type Operator = ':' | '=' | '>' | '>=' | '<' | '<=';

/** A place in the text, as `String.slice` takes it. */
export interface Span {
  start: number;
  end: number;
}

/** One of a field's values. Where any part of it stood in quotation marks, wildcards and `none` are meant literally. */
export interface Value extends Span {
  text: string;
  quoted: boolean;
}

/** `-os:windows,"red hat"`: one of the values must match. Where it is negated, none may. */
export interface FieldTerm extends Span {
  kind: 'field';
  /** The field's own name, whatever name of it was typed. */
  field: string;
  operator: Operator;
  values: Value[];
  negated: boolean;
}

/** A word or a phrase that must occur somewhere. */
export interface WordTerm extends Span {
  kind: 'word';
  text: string;
  quoted: boolean;
  negated: boolean;
}

export type Term = FieldTerm | WordTerm;

/** What is wrong with a term. Until it is mended the term stands among the others as the plain word that was typed. */
export interface Problem extends Span {
  text: Text;
  /** Typing on may mend it: no reason to speak while the caret is still there. */
  incomplete: boolean;
  /** What was probably meant, to stand in the term's place. */
  mend?: string;
}

export interface Parsed {
  terms: Term[];
  problems: Problem[];
}
