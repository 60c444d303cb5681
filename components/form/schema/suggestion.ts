import type { FieldDocumentation } from '@/lib/manifest/schema/documentation';
import type { Text } from '@/lib/text';

/** Something to choose in the list of completions. */
export interface Suggestion {
  kind: 'key' | 'value' | 'item' | 'object' | 'name' | 'snippet';
  label: string;
  /** Beside the label: an API version, for one. */
  detail?: string;
  insert: string;
  from: number;
  to: number;
  goesOn: boolean;
  /** Higher ones come first. */
  rank: number;
  isDeprecated: boolean;
  field: FieldDocumentation | undefined;
  /** What a snippet is for. */
  about?: Text;
}
