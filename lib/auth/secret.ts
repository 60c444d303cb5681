import { readFileSync } from 'node:fs';

/** Where a secret is; it never stands in the configuration itself. Neither: there is none (a public client). */
export interface SecretPlace {
  clientSecretFile?: string | undefined;
  clientSecretEnv?: string | undefined;
}

/**
 * The secret as it is now, without the line's end; undefined when the method has none.
 * @throws Error in a sentence that names the place and never the secret.
 */
export function readSecret({ clientSecretFile, clientSecretEnv }: SecretPlace): string | undefined {
  if (clientSecretFile) {
    let secret: string;
    try {
      secret = readFileSync(clientSecretFile, 'utf8').trim();
    } catch (cause) {
      const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
      throw new Error(`The client secret in ${clientSecretFile} cannot be read (${code}).`);
    }
    if (!secret) throw new Error(`The client secret in ${clientSecretFile} is empty.`);
    return secret;
  }
  if (clientSecretEnv) {
    const secret = process.env[clientSecretEnv];
    if (!secret) throw new Error(`The environment has no ${clientSecretEnv}, which holds the client secret.`);
    return secret;
  }
  return undefined;
}
