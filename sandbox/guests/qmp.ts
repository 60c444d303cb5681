import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { connectUnix } from './unix-socket';

export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

interface Pending {
  command: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** An error that QEMU itself answered; `class` is QEMU's word for its kind (GenericError, CommandNotFound, …). */
export class QmpError extends Error {
  constructor(
    command: string,
    readonly className: string,
    description: string,
  ) {
    super(`QEMU refuses ${command}: ${description}`);
    this.name = 'QmpError';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * QEMU's machine protocol (docs/interop/qmp-spec): JSON lines, one object each; answers carry our id, events none.
 * Emits `event` for each of QEMU's events and `close` once, when the connection has ended.
 */
export class QmpClient extends EventEmitter<{ event: [QmpEvent]; close: [] }> {
  readonly #socket: Duplex;
  readonly #pending = new Map<number, Pending>();
  #greeting: (() => void) | undefined;
  #buffer = '';
  #nextId = 1;
  #closed = false;

  private constructor(socket: Duplex) {
    super();
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
  }

  /** Waits for QEMU's greeting and enters command mode. @throws when neither comes within `timeoutMs`. */
  static async open(socket: Duplex, timeoutMs = 10_000): Promise<QmpClient> {
    const client = new QmpClient(socket);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('QEMU sent no greeting')), timeoutMs);
      client.#greeting = () => {
        clearTimeout(timer);
        resolve();
      };
      client.once('close', () => {
        clearTimeout(timer);
        reject(new Error('QEMU closed its control socket before greeting'));
      });
    });
    await client.execute('qmp_capabilities', {}, timeoutMs);
    return client;
  }

  static async connect(path: string, timeoutMs: number, stillWorth?: () => boolean): Promise<QmpClient> {
    return QmpClient.open(await connectUnix(path, timeoutMs, stillWorth), timeoutMs);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Runs one command and returns what QEMU returned.
   * @throws QmpError when QEMU refuses, Error when the connection ends or no answer comes within `timeoutMs`.
   */
  execute(command: string, args: Record<string, unknown> = {}, timeoutMs = 30_000): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error(`QEMU has gone: ${command} cannot be asked of it`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`QEMU did not answer ${command} within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      this.#pending.set(id, { command, resolve, reject, timer });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  #read(chunk: string): void {
    this.#buffer += chunk;
    for (let end = this.#buffer.indexOf('\n'); end >= 0; end = this.#buffer.indexOf('\n')) {
      const line = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + 1);
      if (line.trim()) this.#take(JSON.parse(line));
    }
  }

  #take(message: unknown): void {
    if (!isRecord(message)) return;
    if ('QMP' in message) {
      this.#greeting?.();
    } else if (typeof message.event === 'string') {
      this.emit('event', { event: message.event, data: isRecord(message.data) ? message.data : {} });
    } else if (typeof message.id === 'number') {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (!pending) return;
      clearTimeout(pending.timer);
      if (isRecord(message.error)) {
        pending.reject(
          new QmpError(pending.command, String(message.error.class), String(message.error.desc)),
        );
      } else {
        pending.resolve(message.return);
      }
    }
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { command, reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new Error(`QEMU ended before it answered ${command}`));
    }
    this.#pending.clear();
    this.emit('close');
  }
}
