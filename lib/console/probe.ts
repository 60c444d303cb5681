import { ApiError, plainMessage } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { proxyPath, resourcePath } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { RESOURCES } from '@/lib/kinds/resources';
import type { ConsoleKind } from '@/lib/paths';
import type { Probe } from './machine';

/** The only sub-protocol that virt-api answers; a browser rejects a connection whose offer is not answered. */
export const WS_PROTOCOL = 'plain.kubevirt.io';

const SUBRESOURCE: Record<ConsoleKind, string> = { vnc: 'vnc', serial: 'console' };

/** The path of a console below the API server's root. */
export function consoleApiPath({ namespace, name }: Ref, kind: ConsoleKind): string {
  const { virtualMachineInstances } = RESOURCES;
  return resourcePath(
    { ...virtualMachineInstances, group: 'subresources.kubevirt.io' },
    namespace,
    name,
    SUBRESOURCE[kind],
  );
}

/** The WebSocket address of a console on the console's own server; `origin` as in `location.origin`. */
export function consoleSocketUrl(origin: string, ref: Ref, kind: ConsoleKind): string {
  return origin.replace(/^http/, 'ws') + proxyPath(ref.cluster, consoleApiPath(ref, kind));
}

// What gorilla/websocket says in virt-api when everything was fine except that nobody asked for an upgrade.
const WOULD_UPGRADE = /not using the websocket protocol|upgrade/i;

/**
 * Asks a console's endpoint without upgrade: the refusals of virt-api come before the upgrade, and a browser hides the
 * answer to a failed upgrade from scripts.
 */
export async function askEndpoint(ref: Ref, kind: ConsoleKind): Promise<Probe> {
  try {
    await callApi(ref.cluster, consoleApiPath(ref, kind), { signal: AbortSignal.timeout(7_000) });
    return { answer: 'ready' };
  } catch (error) {
    const probe = probeOf(error);
    if (probe.answer === 'signed-out') return probe;
    const refused = probe.answer === 'refusal' && !WOULD_UPGRADE.test(probe.refusal.message);
    return refused || probe.answer === 'none' ? probe : { answer: 'ready' };
  }
}

interface InstanceStatus {
  metadata?: { uid?: string; deletionTimestamp?: string };
  status?: { phase?: string; nodeName?: string; migrationState?: { completed?: boolean; failed?: boolean } };
}

/** Asks the API for the VMI, past every cache. */
export async function askInstance({ cluster, namespace, name }: Ref): Promise<Probe> {
  try {
    const path = resourcePath(RESOURCES.virtualMachineInstances, namespace, name);
    const { body } = await callApi<InstanceStatus>(cluster, path, { signal: AbortSignal.timeout(7_000) });
    const { metadata, status } = body;
    const migration = status?.migrationState;
    return {
      answer: 'instance',
      uid: metadata?.uid ?? '',
      phase: status?.phase ?? '',
      deleting: metadata?.deletionTimestamp !== undefined,
      migrating: migration !== undefined && !migration.completed && !migration.failed,
      node: status?.nodeName,
    };
  } catch (error) {
    return probeOf(error);
  }
}

function probeOf(error: unknown): Probe {
  if (error instanceof ApiError && isSignInNeeded(error)) return { answer: 'signed-out' };
  if (!(error instanceof ApiError)) return { answer: 'none', message: String(error) };
  if (error.code === 0 || error.code === 502 || error.code === 503 || error.code === 504) {
    return { answer: 'none', message: plainMessage(error.message) };
  }
  return { answer: 'refusal', refusal: { code: error.code, message: plainMessage(error.message) } };
}
