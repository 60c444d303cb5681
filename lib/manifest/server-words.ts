import { type ApiErrorJson, plainMessage } from '@/lib/k8s/error';
import { text } from '@/lib/text';
import { fieldInWords, parseFieldPath } from './field-path';
import type { Manifest } from './manifest';
import type { Problem, Severity } from './problem';
import { placeIn, type Reading } from './read';

/** Finds the lines that a refusal speaks of. `rest` is what names no field: it belongs above the buttons. */
export function placeRefusal(
  reading: Pick<Reading, 'source'>,
  manifest: Manifest,
  error: Pick<ApiErrorJson, 'message' | 'causes'>,
): { problems: Problem[]; rest: string[] } {
  const said = error.causes.length > 0 ? error.causes : [{ message: error.message }];
  const problems: Problem[] = [];
  const rest: string[] = [];
  for (const cause of said) {
    const words = plainMessage(cause.message ?? error.message);
    const field = ('field' in cause && cause.field) || fieldInWords(words);
    if (field) problems.push(atField(reading, manifest, field, words, 'error'));
    else rest.push(words);
  }
  return { problems, rest };
}

/** The same for the texts of `Warning:` headers; those that name no field stand at the document's first line. */
export function placeWarnings(
  reading: Pick<Reading, 'source'>,
  manifest: Manifest,
  warnings: readonly string[],
): Problem[] {
  return warnings.map((words) => atField(reading, manifest, fieldInWords(words) ?? '', words, 'warning'));
}

function atField(
  reading: Pick<Reading, 'source'>,
  manifest: Manifest,
  field: string,
  words: string,
  severity: Severity,
): Problem {
  return {
    severity,
    message: text('yaml.problem.server', { words }),
    document: manifest.document.index,
    range: placeIn(reading, manifest, parseFieldPath(field)),
  };
}
