import { version } from '@/package.json';

const MAX_CLIENT_LENGTH = 100;

/**
 * How requests to a cluster name themselves, in its audit log too: this console, and in parentheses the program that
 * asked it. Of what that program says of itself only what cannot end the parenthesis or the line is kept.
 */
export function userAgent(client = ''): string {
  const plain = client
    .replaceAll(/[()\\]/g, ' ')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .replaceAll(/ +/g, ' ')
    .trim();
  const short = plain.length > MAX_CLIENT_LENGTH ? plain.slice(0, MAX_CLIENT_LENGTH).trimEnd() : plain;
  return short ? `portlight/${version} (${short})` : `portlight/${version}`;
}
