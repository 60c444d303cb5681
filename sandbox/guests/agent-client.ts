import type { Duplex } from 'node:stream';

const DELIMITER = 0xff;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * The QEMU guest agent's protocol (docs/interop/qemu-ga): JSON lines without ids, so that one request at a time is
 * under way. After a missing answer the stream is out of step: the next request synchronises first, which also skips
 * whatever the guest left half written when it was reset.
 */
export class AgentClient {
  readonly #socket: Duplex;
  #buffer = Buffer.alloc(0);
  #waiting: { accept(line: Buffer, delimited: boolean): boolean } | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #inStep = false;
  #nextSync = 1;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => {});
  }

  /** Says that the agent was restarted: what it has not answered it never will. */
  reset(): void {
    this.#inStep = false;
  }

  /** @throws an Error naming the command when the agent refuses it or doesn't answer within `timeoutMs`. */
  request(command: string, args: Record<string, unknown> = {}, timeoutMs = 5000): Promise<unknown> {
    const deadline = Date.now() + timeoutMs;
    return this.#inTurn(async () => {
      if (!this.#inStep) await this.#synchronise(deadline);
      const answer = this.#answer(command, deadline);
      this.#send(command, args);
      return answer;
    });
  }

  /** For commands that answer nothing when they succeed (guest-shutdown). */
  tell(command: string, args: Record<string, unknown> = {}, timeoutMs = 5000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    return this.#inTurn(async () => {
      if (!this.#inStep) await this.#synchronise(deadline);
      this.#send(command, args);
      this.#inStep = false;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #send(command: string, args: Record<string, unknown>, prefix: number[] = []): void {
    const line = `${JSON.stringify({ execute: command, arguments: args })}\n`;
    this.#socket.write(Buffer.concat([Buffer.from(prefix), Buffer.from(line)]));
  }

  async #synchronise(deadline: number): Promise<void> {
    const id = this.#nextSync++;
    const answer = this.#line('guest-sync-delimited', deadline, (line, delimited) => {
      const message: unknown = delimited ? JSON.parse(line.toString()) : undefined;
      return isRecord(message) && message.return === id;
    });
    // The leading byte makes the agent drop an unfinished request of an earlier conversation.
    this.#send('guest-sync-delimited', { id }, [DELIMITER]);
    await answer;
    this.#inStep = true;
  }

  async #answer(command: string, deadline: number): Promise<unknown> {
    const line = await this.#line(command, deadline, () => true);
    const message: unknown = JSON.parse(line.toString());
    if (isRecord(message) && isRecord(message.error)) {
      throw new Error(`The guest agent refuses ${command}: ${String(message.error.desc)}`);
    }
    return isRecord(message) ? message.return : undefined;
  }

  #line(
    command: string,
    deadline: number,
    accept: (line: Buffer, delimited: boolean) => boolean,
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiting = undefined;
          this.#inStep = false;
          reject(new Error(`The guest agent did not answer ${command}.`));
        },
        Math.max(0, deadline - Date.now()),
      );
      this.#waiting = {
        accept: (line, delimited) => {
          if (!accept(line, delimited)) return false;
          clearTimeout(timer);
          resolve(line);
          return true;
        },
      };
    });
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (let end = this.#buffer.indexOf(10); end >= 0; end = this.#buffer.indexOf(10)) {
      const line = this.#buffer.subarray(0, end);
      this.#buffer = this.#buffer.subarray(end + 1);
      const start = line.lastIndexOf(DELIMITER);
      const text = line.subarray(start + 1);
      if (text.length > 0 && this.#waiting?.accept(text, start >= 0)) this.#waiting = undefined;
    }
  }
}
