import { isMap, LineCounter, parseDocument } from 'yaml';
import { isJsonObject, valueAt } from '@/lib/k8s/json';

/** What cloud-init cannot make of user data. */
export type UserDataProblem =
  /** It does not say what it is: cloud-init passes over it. `first` is how it begins. */
  | { kind: 'header'; first: string }
  | { kind: 'yaml'; line: number; words: string }
  /** YAML, but no mapping. */
  | { kind: 'shape' };

/** The first lines by which cloud-init knows what user data is. */
const KINDS =
  /^(#!|#cloud-config\s*(\n|$)|#cloud-config-archive|#cloud-boothook|#include|#part-handler|#upstart-job|## template: *jinja|Content-Type:|MIME-Version:)/i;

/** What is wrong with user data that stands in a manifest; nothing when cloud-init can read it. */
export function userDataProblem(text: string): UserDataProblem | undefined {
  if (text.trim() === '') return undefined;
  // gzip, which cloud-init unpacks.
  if (text.startsWith('\u001f\u008b')) return undefined;
  if (!KINDS.test(text))
    return { kind: 'header', first: text.trimStart().split('\n')[0]?.slice(0, 60) ?? '' };
  if (!/^#cloud-config\s*(\n|$)/i.test(text)) return undefined;
  const lineCounter = new LineCounter();
  // cloud-init reads with PyYAML, which knows YAML 1.1.
  const document = parseDocument(text, { version: '1.1', lineCounter, uniqueKeys: false });
  const [problem] = document.errors;
  if (problem) {
    const words = problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
    return { kind: 'yaml', line: lineCounter.linePos(problem.pos[0]).line, words };
  }
  return document.contents === null || isMap(document.contents) ? undefined : { kind: 'shape' };
}

export interface CloudInitVolume {
  /** Of the volume. */
  name: string;
  userData: string;
}

/** The user data that stands in a guest's spec itself, decoded; what is in Secrets is not seen. */
export function userDataIn(spec: unknown): CloudInitVolume[] {
  const volumes = valueAt(spec, ['volumes']);
  if (!Array.isArray(volumes)) return [];
  return volumes.flatMap((volume): CloudInitVolume[] => {
    if (!isJsonObject(volume) || typeof volume.name !== 'string') return [];
    const source = volume.cloudInitNoCloud ?? volume.cloudInitConfigDrive;
    if (!isJsonObject(source)) return [];
    const { userData, userDataBase64 } = source;
    if (typeof userData === 'string') return [{ name: volume.name, userData }];
    if (typeof userDataBase64 === 'string') return [{ name: volume.name, userData: decoded(userDataBase64) }];
    return [];
  });
}

/** Who may log in by what cloud-init was told, if it says so: the first user that it names. */
export function loginUser(spec: unknown): string | undefined {
  for (const { userData } of userDataIn(spec)) {
    if (userDataProblem(userData) || !/^#cloud-config/i.test(userData)) continue;
    const config: unknown = parseDocument(userData, { version: '1.1', uniqueKeys: false }).toJS();
    if (!isJsonObject(config)) continue;
    if (typeof config.user === 'string') return config.user;
    const users = Array.isArray(config.users) ? config.users : [];
    const named = users.find((user) => isJsonObject(user) && typeof user.name === 'string');
    if (isJsonObject(named) && typeof named.name === 'string') return named.name;
  }
  return undefined;
}

function decoded(base64: string): string {
  try {
    return atob(base64.replaceAll(/\s/g, ''));
  } catch {
    // The API takes what is no Base64; cloud-init then finds nothing that it knows.
    return base64;
  }
}
