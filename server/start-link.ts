import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Cluster } from '@/lib/auth/cluster';
import { OptionError, type ServerOptions } from './options';
import { START_PATH } from './start-gate';

const TOKEN_BYTES = 32;
const ANY_ADDRESS = ['0.0.0.0', '::'];

export interface StartLink {
  token: string;
  /** What is printed in the token's place, where it is in a file and need not stand in a log. */
  printed: string;
}

type RemoteOptions = Pick<ServerOptions, 'host' | 'hosts' | 'allowRemote' | 'startTokenFile' | 'signIn'>;

/**
 * The token without which nobody beyond this machine acts with a kubeconfig's credentials; undefined where nobody is to.
 * @throws OptionError when that would be possible and was not asked for, or the token's file is no good
 */
export function openStartLink(options: RemoteOptions, clusters: readonly Cluster[]): StartLink | undefined {
  const { host, hosts, allowRemote, startTokenFile: file } = options;
  if (!hosts.remote) return undefined;
  if (!allowRemote && lendsKubeconfig(options, clusters)) {
    const names = clusters.filter(lends).map(({ name }) => name);
    throw new OptionError(
      `${host} can be reached from other machines, and nobody signs in to ${names.join(', ') || 'the sandbox'}: everybody would act with the kubeconfig's credentials. ` +
        'Add --allow-remote to let in whoever has the link that is printed then, or configure how people sign in (docs/sign-in.md).',
    );
  }
  if (!allowRemote) return undefined;
  if (file) return { token: readToken(file), printed: `(the token in ${file})` };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, printed: token };
}

/** Whether somebody acts as a kubeconfig's user without signing in. A sandbox that is not there yet will lend its own. */
export function lendsKubeconfig(
  { signIn }: Pick<ServerOptions, 'signIn'>,
  clusters: readonly Cluster[],
): boolean {
  if (clusters.length > 0) return clusters.some(lends);
  return !signIn || signIn.some(({ kind }) => kind === 'kubeconfig');
}

/** @param origin of the console as this process knows it, e.g. `http://0.0.0.0:3000`; one that can be opened comes out */
export function startUrl(origin: string, publicUrl: string | undefined, { printed }: StartLink): string {
  return `${publicUrl ?? reachable(origin)}${START_PATH}?token=${printed}`;
}

function lends({ methods }: Cluster): boolean {
  return methods.some(({ kind }) => kind === 'kubeconfig');
}

/** Nobody can open "every address", so one of them takes its place. */
function reachable(origin: string): string {
  const url = new URL(origin);
  if (!ANY_ADDRESS.includes(url.hostname.replace(/^\[(.*)\]$/, '$1'))) return origin;
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outer = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  url.hostname = outer?.address ?? '127.0.0.1';
  return url.origin;
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new OptionError(`The start-up token in ${file} cannot be read (${code}).`);
  }
  if (/^[\w-]{32,512}$/.test(token)) return token;
  throw new OptionError(
    `The start-up token in ${file} must have at least 32 letters, digits, hyphens or underscores, e.g. from: openssl rand -hex 32`,
  );
}
