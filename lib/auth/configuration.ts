import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Document, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { ReaderSettings } from './cluster';
import {
  type ClusterEntry,
  clusterEntry,
  configurationSchema,
  type SessionSettings,
} from './configuration-schema';
import type { ImpersonationSettings } from './impersonation';
import type { SignInMethod } from './sign-in-method';

/** A configuration that cannot be used; each line of the message is a sentence for whoever wrote the file. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** What `--config FILE` says; docs/configuration.md has every key. Paths in it are absolute here. */
export interface Configuration {
  /** Undefined when the file leaves the clusters to the kubeconfig or to the pod. */
  clusters?: ClusterEntry[] | undefined;
  signIn?: SignInMethod[] | undefined;
  /** Of the cluster that impersonates and has no settings of its own. */
  impersonation?: ImpersonationSettings | undefined;
  /** Of the cluster where people sign in that has none of its own; `false`: of none. */
  reader?: ReaderSettings | false | undefined;
  session: SessionSettings;
  /** The origin under which browsers reach the console: an allowed host, and the base of redirect URIs. */
  publicUrl?: string | undefined;
}

export const DEFAULT_CONFIGURATION: Configuration = { session: { idleMinutes: 60, absoluteHours: 12 } };

/** @throws ConfigurationError naming file, line, path and what is expected, for everything that is wrong. */
export function readConfiguration(file: string): Configuration {
  const configuration: Configuration = readYaml(file, configurationSchema);
  const names = (configuration.clusters ?? []).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return configuration;
  throw new ConfigurationError(`${file}: two clusters are called "${twice}". Every name may stand once.`);
}

/**
 * One cluster, as a file of its own (`--clusters DIR`). Without a name of its own it is called like the file.
 * @throws ConfigurationError
 */
export function readClusterEntry(file: string): ClusterEntry {
  const name = path.basename(file).replace(/\.[^.]+$/, '');
  return readYaml(file, clusterEntry, { name });
}

function readYaml<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  defaults: Record<string, unknown> = {},
): z.output<Schema> {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new ConfigurationError(`The configuration ${file} cannot be read (${code}).`);
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new ConfigurationError(`${file}, line ${line}: this is not YAML. ${broken.message}`);
  }
  const value: unknown = document.toJS() ?? {};
  const given = isRecord(value) ? { ...defaults, ...value } : value;
  const result = schema.safeParse(given);
  if (result.success)
    return withAbsolutePaths(result.data, path.dirname(path.resolve(file))) as z.output<Schema>;
  const problems = result.error.issues.flatMap((issue) => explainIssue(issue, document));
  const sentences = problems.map(({ path: keys, sentence }) => {
    const line = lineOf(document, lines, keys);
    return `${file}${line ? `, line ${line}` : ''}: ${sentence}`;
  });
  throw new ConfigurationError([...new Set(sentences)].join('\n'));
}

const SECRETS = /^(clientSecret|secret|password|token|tokenData|keys?)$/;

interface Problem {
  path: PropertyKey[];
  sentence: string;
}

/** One of zod's issues as sentences. */
function explainIssue(issue: z.core.$ZodIssue, document: Document): Problem[] {
  const name = nameOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        sentence: SECRETS.test(key)
          ? `${nameOf([...issue.path, key])} would be a secret, and secrets never stand in this file. Name the file that holds it, as in ${key.replace(/Data$|s$/, '')}File.`
          : `${nameOf([...issue.path, key])} is no setting. docs/configuration.md lists them all.`,
      }));
    case 'invalid_union': {
      // Of what is wrong with each of the shapes that it might have, what is wrong with the one that was begun.
      const begun = issue.errors.find(([first]) => first && isOfBegun(first));
      if (begun)
        return begun.flatMap((inner) =>
          explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, document),
        );
      break;
    }
    case 'custom':
      if (issue.params?.sentence) return [{ path: issue.path, sentence: `${name} ${issue.message}.` }];
  }
  const isMissing = issue.path.length > 0 && !document.hasIn(issue.path);
  const verb = isMissing ? 'is missing; it must be' : 'must be';
  return [{ path: issue.path, sentence: `${name} ${verb} ${issue.message}.` }];
}

/** Whether what is wrong lies within a value, which as such has the shape that was expected. */
function isOfBegun({ code, path: keys }: z.core.$ZodIssue): boolean {
  return keys.length > 0 || code === 'unrecognized_keys' || code === 'custom';
}

/** `clusters[0].signIn[1].issuer`. */
function nameOf(keys: PropertyKey[]): string {
  if (keys.length === 0) return 'The file';
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

/** The line of the key, or of the nearest thing around it that is in the file. */
function lineOf(document: Document, lines: LineCounter, keys: PropertyKey[]): number | undefined {
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(keys.slice(0, depth - 1), true);
    const last = keys[depth - 1];
    if (!isNode(parent)) continue;
    const items = 'items' in parent ? (parent.items as unknown[]) : [];
    const found =
      typeof last === 'number'
        ? items[last]
        : items.find((it) => isPair(it) && isScalar(it.key) && it.key.value === last);
    const node = isPair(found) ? found.key : found;
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

const PATH_KEY = /File$|^kubeconfig$/;

/** Relative paths are relative to the file they stand in, wherever the console was started. */
function withAbsolutePaths(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withAbsolutePaths(each, folder));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (typeof each === 'string' && PATH_KEY.test(key)) return [key, path.resolve(folder, each)];
      // What goes to the provider as it stands is no path.
      return [key, key === 'extraParams' ? each : withAbsolutePaths(each, folder)];
    }),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
