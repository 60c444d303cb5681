import { LineCounter, parseDocument } from 'yaml';

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** A scalar as text: YAML makes numbers and booleans of passwords, permissions and words that look like them. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function asTexts(value: unknown): string[] {
  return asList(value).flatMap((entry) => asText(entry) ?? []);
}

/** What user data turned out to be. `warnings` are in cloud-init's own words where it has any. */
export type UserData =
  | { kind: 'cloud-config'; config: Json; warnings: string[] }
  | { kind: 'script'; script: string; warnings: string[] }
  | { kind: 'none'; warnings: string[] };

function firstWords(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}...` : text;
}

/** Reads a YAML mapping as cloud-init does; a problem becomes the warning that cloud-init logs (util.load_yaml). */
export function readMapping(text: string): { mapping: Json | undefined; warning?: string } {
  const lineCounter = new LineCounter();
  // YAML 1.1, because PyYAML is: there "yes" and "on" are booleans and 0644 is octal.
  const document = parseDocument(text, { version: '1.1', lineCounter, uniqueKeys: false });
  const [problem] = document.errors;
  if (problem) {
    const place = lineCounter.linePos(problem.pos[0]);
    const message = problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    const warning = `Failed loading yaml blob. Invalid format at line ${place.line} column ${place.col}: "${message}"`;
    return { mapping: undefined, warning };
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return { mapping: {} };
  if (isRecord(value)) return { mapping: value };
  const type = Array.isArray(value) ? 'list' : typeof value === 'string' ? 'str' : typeof value;
  const warning = `Failed loading yaml blob. Yaml load allows (<class 'dict'>,) root types, but got ${type} instead`;
  return { mapping: undefined, warning };
}

/** Tells cloud-config, a script and the kinds apart that this guest doesn't know (by the first line, as cloud-init). */
export function readUserData(text: string): UserData {
  if (!text.trim()) return { kind: 'none', warnings: [] };
  const jinja = /^## template: *jinja[^\n]*\n/.exec(text);
  const body = jinja ? text.slice(jinja[0].length) : text;
  const warnings = jinja
    ? ['The sandbox guest does not render jinja templates: the user-data is read as it stands']
    : [];
  if (body.startsWith('#!')) return { kind: 'script', script: body, warnings };
  if (!/^#cloud-config\s*(\n|$)/.test(body)) {
    const known =
      /^(#include|#cloud-boothook|#part-handler|#cloud-config-archive|Content-Type:|MIME-Version:)/i.exec(
        body,
      );
    warnings.push(
      known
        ? `The sandbox guest does not read user-data of the kind "${known[1]}"`
        : `Unhandled non-multipart (text/x-not-multipart) userdata: '${firstWords(body.trim())}'`,
    );
    return { kind: 'none', warnings };
  }
  const { mapping, warning } = readMapping(body);
  if (warning) return { kind: 'none', warnings: [...warnings, warning] };
  return { kind: 'cloud-config', config: mapping ?? {}, warnings };
}
