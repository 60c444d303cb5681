import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ClusterSource } from '@/lib/auth/cluster';
import type { HostRules } from './guard';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

export interface ServerOptions {
  port: number;
  host: string;
  hosts: HostRules;
  dev: boolean;
  source: ClusterSource;
}

/** An option that cannot be meant; the message is a sentence. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/**
 * Reads the server's options from its arguments, then from PORT, HOST and KUBECONFIG. Which cluster is meant is
 * decided by the start script; run alone, the server needs to be told.
 * @throws OptionError
 */
export function readOptions(args: string[], env: Record<string, string | undefined>): ServerOptions {
  const { values } = parseValues(args);
  const port = Number(values.port ?? (env.PORT || '3000'));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new OptionError(`"${values.port ?? env.PORT}" is not a port. A port is a number from 0 to 65535.`);
  }
  const host = values.host ?? (env.HOST || '127.0.0.1');
  const remote = !LOOPBACK.includes(host);
  if (remote && !values['allow-remote']) {
    throw new OptionError(
      `Portlight has no sign-in yet, so everybody who reaches ${host} would act with your credentials. ` +
        'Add --allow-remote if that is what you want.',
    );
  }
  const names = [...(values['allowed-host'] ?? []), ...(env.PORTLIGHT_ALLOWED_HOSTS ?? '').split(',')];
  return {
    port,
    host,
    hosts: {
      names: [...names, remote ? host : ''].filter(Boolean).map((name) => name.toLowerCase()),
      remote,
    },
    dev: values.dev ?? false,
    source: readSource(values, env),
  };
}

function parseValues(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        'allow-remote': { type: 'boolean' },
        'allowed-host': { type: 'string', multiple: true },
        dev: { type: 'boolean' },
        kubeconfig: { type: 'string' },
        'in-cluster': { type: 'boolean' },
        'sandbox-kubeconfig': { type: 'string' },
      },
    });
  } catch (cause) {
    throw new OptionError(cause instanceof Error ? cause.message : String(cause));
  }
}

function readSource(
  values: ReturnType<typeof parseValues>['values'],
  env: Record<string, string | undefined>,
): ClusterSource {
  const sandbox = values['sandbox-kubeconfig'];
  if (sandbox) return { kind: 'sandbox', file: sandbox };
  if (values['in-cluster']) return { kind: 'in-cluster' };
  const files = (values.kubeconfig ?? env.KUBECONFIG ?? '').split(path.delimiter).filter(Boolean);
  if (files.length > 0) return { kind: 'kubeconfig', files };
  throw new OptionError('Say which cluster: --kubeconfig FILE, --in-cluster or --sandbox-kubeconfig FILE.');
}
