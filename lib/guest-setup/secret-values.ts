import { isJsonObject, type JsonObject } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import {
  encodeBase64,
  isSecretDocument,
  secretValue,
  withOther,
  withSecretValue,
} from '@/lib/kinds/vm/form/guest/secret-document';
import { rewriteConfig } from '@/lib/manifest/cloud-config/rewrite-config';
import { readUserData } from '@/lib/manifest/cloud-config/user-data';
import { MASK } from '@/lib/manifest/secret';

/** Keys of a cloud-config whose values let somebody in, here or elsewhere. */
const SECRET_KEYS = /passw|secret|token|private|credential|^ssh_keys$|^api_?key$/i;

/** Public by name, whatever their values are. */
const PUBLIC_KEYS = /^(lock_passwd|lock-passwd|ssh_pwauth|secretName)$/;

/** A command that hands over a password or a token. */
const SECRET_WORDS = /passw|secret|token|api[-_]?key|authorization/i;

/**
 * The objects with the values of their Secrets hidden, for drafts that a browser keeps. Of a cloud-config in a Secret
 * only what is secret in it is hidden: passwords, tokens, files that not everybody may read, commands that name such
 * things. Objects without anything to hide stay the same.
 */
export function withoutSecretValues(objects: readonly JsonObject[]): JsonObject[] {
  return objects.map((object) => (isSecretDocument(object) ? hidden(object) : object));
}

function hidden(secret: JsonObject): JsonObject {
  let made = secret;
  for (const field of ['data', 'stringData']) {
    const values = secret[field];
    if (!isJsonObject(values)) continue;
    const masked = Object.fromEntries(
      Object.keys(values).map((key) => [key, hiddenValue(secret, field, key)]),
    );
    if (!sameJson(masked, values)) made = { ...made, [field]: masked };
  }
  return made;
}

function hiddenValue(secret: JsonObject, field: string, key: string): unknown {
  const written = isJsonObject(secret[field]) ? secret[field][key] : undefined;
  const content = secretValue({ [field]: secret[field] }, key);
  if (content === undefined || content === '') return content === undefined ? MASK : written;
  const shown = hiddenText(key, content);
  if (shown === content) return written;
  return field === 'data' && shown !== MASK ? encodeBase64(shown) : shown;
}

/** What of a Secret's value may be kept; the mask when nothing of it is known to be public. */
function hiddenText(key: string, content: string): string {
  if (isPublicKeys(content)) return content;
  if (!/^(user|network)data$/i.test(key)) return MASK;
  const { kind, config } = readUserData(content);
  if (/^networkdata$/i.test(key)) return content;
  if (kind !== 'cloud-config' || !config) return MASK;
  return rewriteConfig(content, hiddenConfig(config) as JsonObject) ?? MASK;
}

function isPublicKeys(content: string): boolean {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( |$)/.test(line));
}

function hiddenConfig(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => hiddenConfig(entry));
  if (!isJsonObject(value)) {
    return typeof value === 'string' && SECRET_WORDS.test(value) ? MASK : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (PUBLIC_KEYS.test(key)) return [key, inner];
      const isHidden =
        (SECRET_KEYS.test(key) && inner !== '' && inner !== null && typeof inner !== 'boolean') ||
        (key === 'list' && value.expire !== undefined) ||
        (key === 'content' && isPrivateFile(value));
      return [key, isHidden ? MASK : hiddenConfig(inner)];
    }),
  );
}

/** Whether not everybody in the guest may read a file that cloud-init writes; 0644 where nothing is said. */
function isPrivateFile({ permissions }: JsonObject): boolean {
  const digits = typeof permissions === 'number' ? permissions.toString(8) : permissions;
  return typeof digits === 'string' && !/[4-7]$/.test(digits);
}

/** Whether a value, or one inside it, was hidden when a draft was kept. */
export function isHiddenInside(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(MASK);
  if (Array.isArray(value)) return value.some(isHiddenInside);
  return isJsonObject(value) && Object.values(value).some(isHiddenInside);
}

/**
 * After a draft came back: passwords of users that were hidden are made anew. What else was hidden has to be typed
 * again; `guestProblems` names it.
 */
export function withFreshPasswords(draft: VmDraft, generate: () => string): VmDraft {
  return draft.others.filter(isSecretDocument).reduce((made, secret) => {
    const content = secretValue(secret, 'userdata');
    if (content === undefined || !content.includes(MASK)) return made;
    const { config } = readUserData(content);
    const after = config && (fresh(config, generate) as JsonObject);
    const text = after && rewriteConfig(content, after);
    if (text === undefined) return made;
    return withOther(made, secret, withSecretValue(secret, 'userdata', text));
  }, draft);
}

function fresh(value: unknown, generate: () => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => fresh(entry, generate));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      inner === MASK && /^(password|plain_text_passwd)$/.test(key) ? generate() : fresh(inner, generate),
    ]),
  );
}
