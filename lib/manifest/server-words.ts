import { type ApiErrorJson, plainMessage } from '@/lib/k8s/error';
import { text } from '@/lib/text';
import { fieldInWords, parseFieldPath, valueNear } from './field-path';
import type { Manifest } from './manifest';
import type { Problem, Severity } from './problem';
import { placeIn, type Reading } from './read';

/** A sentence of the server about one field of one object. */
export interface Said {
  severity: Severity;
  field: string;
  words: string;
  /** What stood there when it was said, as JSON. Once that changes, the sentence may no longer hold. */
  about: string;
}

/** Takes a refusal apart. `rest` is what names no field: it belongs above the buttons. */
export function readRefusal(
  manifest: Pick<Manifest, 'object'>,
  error: Pick<ApiErrorJson, 'message' | 'causes'>,
): { said: Said[]; rest: string[] } {
  const causes = error.causes.length > 0 ? error.causes : [{ message: error.message }];
  const said: Said[] = [];
  const rest: string[] = [];
  for (const cause of causes) {
    const words = plainMessage(cause.message ?? error.message);
    const field = ('field' in cause && cause.field) || fieldInWords(words);
    if (field) said.push(about(manifest, field, words, 'error'));
    else rest.push(words);
  }
  return { said, rest };
}

/** Takes the texts of `Warning:` headers; those that name no field speak of the whole object. */
export function readWarnings(manifest: Pick<Manifest, 'object'>, warnings: readonly string[]): Said[] {
  return warnings.map((words) => about(manifest, fieldInWords(words) ?? '', words, 'warning'));
}

/** Finds the lines that sentences speak of, as the text is now, and leaves out what has been changed since. */
export function placeSaid(
  reading: Pick<Reading, 'source'>,
  manifest: Manifest,
  said: readonly Said[],
): Problem[] {
  return said
    .filter(({ field, about }) => valueNear(manifest.object, parseFieldPath(field)) === about)
    .map(({ severity, field, words }) => ({
      severity,
      message: text('yaml.problem.server', { words }),
      document: manifest.document.index,
      range: placeIn(reading, manifest, parseFieldPath(field)),
    }));
}

function about(manifest: Pick<Manifest, 'object'>, field: string, words: string, severity: Severity): Said {
  return { severity, field, words, about: valueNear(manifest.object, parseFieldPath(field)) };
}
