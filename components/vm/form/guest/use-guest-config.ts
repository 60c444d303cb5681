'use client';

import { useMemo } from 'react';
import { type ConfigField, guestConfig, onConfig } from '@/lib/guest-setup/guest-config';
import { type Login, onLogin, readLogin } from '@/lib/guest-setup/login';
import type { JsonObject } from '@/lib/k8s/json';
import { useVmForm } from '../vm-form';

/** The cloud-config of the draft around this component, and what changes it. */
export function useGuestConfig() {
  const { draft, change, mode, locked } = useVmForm();
  const guest = useMemo(() => guestConfig(draft), [draft]);
  // The configuration of a VM that exists saves the VM alone.
  const apart = mode === 'create';
  return {
    ...guest,
    locked,
    login: readLogin(guest.config),
    edit: (edit: (config: JsonObject) => JsonObject) => change(onConfig(edit)),
    setLogin: (login: Partial<Login>) => change(onLogin(login, { apart })),
  };
}

/** One value of the cloud-config, and what sets it. */
export function useConfigField<T>(field: ConfigField<T>) {
  const { config, edit, locked } = useGuestConfig();
  return {
    value: field.read(config),
    set: (value: T) => edit((before) => field.write(before, value)),
    locked,
  };
}
