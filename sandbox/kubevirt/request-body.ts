import { parse } from 'yaml';
import { refuse } from './replies';

/** The options that virt-api's calls take; each call reads its own. */
export interface CallOptions {
  dryRun?: string[];
  paused?: boolean;
  gracePeriod?: number;
  gracePeriodSeconds?: number;
  unfreezeTimeout?: string;
  name?: string;
  disk?: object;
  volumeSource?: {
    persistentVolumeClaim?: { claimName: string; hotpluggable?: boolean };
    dataVolume?: { name: string; hotpluggable?: boolean };
  };
  claimName?: string;
  addedNodeSelector?: Record<string, string>;
}

/**
 * The body of a call: JSON or YAML, or nothing at all, whatever its content type.
 * @throws ApiError 400 in virt-api's words.
 */
export function readOptions(body: Buffer): CallOptions {
  const text = body.toString('utf8').trim();
  if (text === '') return {};
  const parsed = text.startsWith('{') ? readJson(text) : readYaml(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw unreadable('json: cannot unmarshal into Go value');
  }
  // Each field is checked where it is used.
  return parsed as CallOptions;
}

export function isDryRun({ dryRun }: CallOptions): boolean {
  return Array.isArray(dryRun) && dryRun.includes('All');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(goSyntaxError(text, error instanceof Error ? error.message : ''));
  }
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw unreadable(
      `error converting YAML to JSON: yaml: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** JSON's own complaint in the words of Go's decoder. */
function goSyntaxError(text: string, complaint: string): string {
  const position = Number(/position (\d+)/.exec(complaint)?.[1] ?? text.length);
  const character = text[position];
  if (character === undefined) return 'unexpected EOF';
  const expected = complaint.includes('property name') ? 'object key string' : 'value';
  return `json: offset ${position + 1}: invalid character '${character}' looking for beginning of ${expected}`;
}

function unreadable(why: string) {
  return refuse.badRequest(`Can not unmarshal Request body to struct, error: ${why}`);
}
