import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

const LOOK_EVERY_MS = 10_000;

/** A certificate or key that cannot serve; the message is a sentence. */
export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
}

/** Who takes new certificates: an HTTPS server. */
interface SecureServer {
  setSecureContext(options: SecureContextOptions): void;
}

/**
 * The certificate and key that the server shows, followed as the files change. Renewed certificates are often moved into
 * place by links (Kubernetes secrets, certbot), which watchers of single files miss, so the files are looked at.
 */
export class TlsFiles {
  private stamp: string;
  private timer: ReturnType<typeof setInterval> | undefined;
  current: SecureContextOptions;

  /** @throws TlsFilesError */
  constructor(
    private readonly certFile: string,
    private readonly keyFile: string,
  ) {
    this.stamp = this.stampNow();
    this.current = this.read();
  }

  /** Gives `server` every new pair that is whole; keeps the old one, and says so, while the new one is not. */
  follow(server: SecureServer, say: (sentence: string) => void, everyMs = LOOK_EVERY_MS): void {
    this.timer = setInterval(() => {
      const stamp = this.stampNow();
      if (stamp === this.stamp) return;
      this.stamp = stamp;
      try {
        this.current = this.read();
        server.setSecureContext(this.current);
        say(`The certificate was renewed; it ends ${endOf(this.current)}.`);
      } catch (cause) {
        if (!(cause instanceof TlsFilesError)) throw cause;
        say(`${cause.message} The certificate from before stays in use.`);
      }
    }, everyMs).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private read(): SecureContextOptions {
    const cert = readText(this.certFile, 'certificate');
    const key = readText(this.keyFile, 'key');
    try {
      if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
        throw new TlsFilesError(
          `The key in ${this.keyFile} does not belong to the certificate in ${this.certFile}.`,
        );
      }
      createSecureContext({ cert, key });
    } catch (cause) {
      if (cause instanceof TlsFilesError) throw cause;
      // What OpenSSL says may quote the file; which of the two it was is enough.
      throw new TlsFilesError(`${this.certFile} and ${this.keyFile} are no certificate and key in PEM form.`);
    }
    return { cert, key };
  }

  private stampNow(): string {
    return [this.certFile, this.keyFile]
      .map((file) => statSync(file, { throwIfNoEntry: false }))
      .map((stat) => (stat ? `${stat.mtimeMs}-${stat.size}-${stat.ino}` : 'none'))
      .join(' ');
  }
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TlsFilesError(`The ${what} ${file} cannot be read${code ? ` (${code})` : ''}.`);
  }
}

function endOf({ cert }: SecureContextOptions): string {
  return new Date(new X509Certificate(String(cert)).validTo).toISOString();
}
