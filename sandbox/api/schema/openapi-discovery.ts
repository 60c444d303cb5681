import { isBuiltInGroup } from '../priorities';
import { groupWord, type PathItem } from './openapi-paths';
import type { Schema } from './schema-type';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const VERSION = 'io.k8s.apimachinery.pkg.version.Info';
const VERSION_FIELDS = [
  'buildDate',
  'compiler',
  'emulationMajor',
  'emulationMinor',
  'gitCommit',
  'gitTreeState',
  'gitVersion',
  'goVersion',
  'major',
  'minCompatibilityMajor',
  'minCompatibilityMinor',
  'minor',
  'platform',
];

/** The version of the server, which no published type describes as a schema. */
export const VERSION_SCHEMA: Schema = {
  description: 'What runs on the server.',
  type: 'object',
  properties: Object.fromEntries(VERSION_FIELDS.map((name) => [name, { type: 'string' }])),
  required: VERSION_FIELDS.filter((name) => !/emulation|minCompatibility/.test(name)),
};

/** An endpoint that is only read. */
export interface Reading {
  path: string;
  tag: string;
  description: string;
  operationId: string;
  /** Name of the schema of the answer; without it the answer is text. */
  answer?: string;
}

/** The endpoints of discovery that have documents of their own, by the path of the document. */
export function discoveryReadings(groups: readonly string[]): Map<string, Reading> {
  const readings = new Map<string, Reading>([
    [
      '.well-known/openid-configuration',
      {
        path: '/.well-known/openid-configuration/',
        tag: 'WellKnown',
        description: 'get service account issuer OpenID configuration, also known as the OIDC discovery doc',
        operationId: 'getServiceAccountIssuerOpenIDConfiguration',
      },
    ],
    [
      'api',
      reading('/api/', 'core', 'get available API versions', 'getCoreAPIVersions', `${META}.APIVersions`),
    ],
    [
      'apis',
      reading('/apis/', 'apis', 'get available API versions', 'getAPIVersions', `${META}.APIGroupList`),
    ],
    [
      'version',
      reading(
        '/version/',
        'version',
        'get the version information for this server',
        'getCodeVersion',
        VERSION,
      ),
    ],
  ]);
  for (const group of groups.filter((name) => name && isBuiltInGroup(name))) {
    const word = groupWord(group);
    const id = `get${word.charAt(0).toUpperCase()}${word.slice(1)}APIGroup`;
    readings.set(
      `apis/${group}`,
      reading(`/apis/${group}/`, word, 'get information of a group', id, `${META}.APIGroup`),
    );
  }
  return readings;
}

/** The list of a built-in group version's resources. */
export function resourcesReading(group: string, version: string): Reading {
  const word = groupWord(group);
  const id = `get${word.charAt(0).toUpperCase()}${word.slice(1)}${version.charAt(0).toUpperCase()}${version.slice(1)}APIResources`;
  const path = group ? `/apis/${group}/${version}/` : `/api/${version}/`;
  return reading(path, `${word}_${version}`, 'get available resources', id, `${META}.APIResourceList`);
}

function reading(
  path: string,
  tag: string,
  description: string,
  operationId: string,
  answer: string,
): Reading {
  return { path, tag, description, operationId, answer };
}

/** The path item of a reading; `prefix` is what pointers to schemas begin with. */
export function readingPath({ tag, description, operationId, answer }: Reading, prefix: string): PathItem {
  const schema = answer ? { $ref: prefix + answer } : { type: 'string' };
  return {
    get: {
      tags: [tag],
      description,
      operationId,
      responses: {
        200: { description: 'OK', content: { 'application/json': { schema } } },
        401: { description: 'Unauthorized' },
      },
    },
  };
}
