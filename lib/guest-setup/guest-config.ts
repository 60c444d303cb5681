import { type JsonObject, valueAt, withValueAt } from '@/lib/k8s/json';
import type { DraftEdit, VmDraft } from '@/lib/kinds/vm/form/field';
import {
  type GuestPlace,
  guestText,
  movedToSecret,
  withCloudInit,
  withGuestText,
} from '@/lib/kinds/vm/form/guest/cloud-init';
import { rewriteConfig, writeCloudConfig } from '@/lib/manifest/cloud-config/rewrite-config';
import { type ConfigReading, readUserData } from '@/lib/manifest/cloud-config/user-data';

/** A VM's user data as a form sees it. */
export interface GuestConfig {
  place: GuestPlace;
  /** Undefined when it cannot be shown: it stands in a Secret of the cluster. */
  content: string | undefined;
  reading: ConfigReading;
  /** Why there is no form over it; undefined when there is one. */
  withoutForm: 'secret' | 'broken' | 'kind' | undefined;
  /** What the form shows. */
  config: JsonObject;
}

export function guestConfig(draft: VmDraft): GuestConfig {
  const { place, content } = guestText(draft, 'userData');
  const reading = readUserData(content ?? '');
  const withoutForm =
    content === undefined && place.form !== 'none'
      ? 'secret'
      : reading.config
        ? undefined
        : reading.kind === 'cloud-config'
          ? 'broken'
          : 'kind';
  return { place, content, reading, withoutForm, config: reading.config ?? {} };
}

/**
 * Changes the cloud-config of a draft; comments and all else in its text stay. Makes cloud-init where there is none. A
 * text that is no cloud-config, or that cannot be seen, stays as it is.
 */
export function onConfig(edit: (config: JsonObject) => JsonObject): DraftEdit {
  return (draft) => {
    const { content, withoutForm, config } = guestConfig(draft);
    if (withoutForm) return draft;
    const after = edit(config);
    if (after === config) return draft;
    const isNew = content === undefined || content.trim() === '';
    const made = isNew ? writeCloudConfig(after) : rewriteConfig(content, after);
    return made === undefined ? draft : withGuestText(withCloudInit(draft), 'userData', made);
  };
}

/** Keeps user data that has a password out of the VM: moves it into a Secret that is made with the VM. */
export function secretsApart(draft: VmDraft): VmDraft {
  return hasPassword(guestConfig(draft).config) ? movedToSecret(draft, 'userData') : draft;
}

const PASSWORDS = /^(password|passwd|hashed_passwd|plain_text_passwd)$/;

/** Whether a cloud-config names a password that lets somebody in. */
export function hasPassword(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasPassword);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) =>
      (PASSWORDS.test(key) && typeof inner === 'string' && inner !== '') || hasPassword(inner),
  );
}

/** One value of a cloud-config. */
export interface ConfigField<T> {
  /** Stable: the id of the control. */
  id: string;
  read(config: JsonObject): T;
  /** Writing what was read gives an equal config. */
  write(config: JsonObject, value: T): JsonObject;
}

/** A word of a cloud-config; numbers and the like show as the words that they are written in. Empty removes it. */
export function wordField(key: string): ConfigField<string> {
  const read = (config: JsonObject) => {
    const value = valueAt(config, [key]);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return {
    id: `guest-${key}`,
    read,
    write: (config, value) =>
      read(config) === value ? config : withValueAt(config, [key], value === '' ? undefined : value),
  };
}

/** Yes, no, or what the image's own configuration says. */
export function switchField(key: string): ConfigField<boolean | undefined> {
  const read = (config: JsonObject) => {
    const value = valueAt(config, [key]);
    return typeof value === 'boolean' ? value : undefined;
  };
  return {
    id: `guest-${key}`,
    read,
    write: (config, value) => (read(config) === value ? config : withValueAt(config, [key], value)),
  };
}
