import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';

/** Requests between two threads and their answers. Values are what structured clones can carry. */
export type CallMessage =
  | { type: 'call'; id: number; method: string; args: unknown[] }
  | { type: 'return'; id: number; value: unknown }
  | { type: 'throw'; id: number; error: ApiErrorJson };

// biome-ignore lint/suspicious/noExplicitAny: the constraint of functions of any shape; nothing of it reaches a value.
type Method = (...args: any[]) => Promise<unknown>;
export type Methods = Record<string, Method>;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: ApiError): void;
}

/** Calls of the other thread's methods, and answers to its calls of ours. Errors arrive as ApiErrors. */
export class Calls<Theirs extends Methods, Ours extends Methods> {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor(
    private readonly post: (message: CallMessage) => void,
    private readonly ours: Ours,
  ) {}

  /** @throws ApiError as the other thread threw it; 503 when it died. */
  call<M extends keyof Theirs & string>(
    method: M,
    ...args: Parameters<Theirs[M]>
  ): Promise<Awaited<ReturnType<Theirs[M]>>> {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve, reject) => {
      // What comes back is what the method of that name returned, cloned.
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.post({ type: 'call', id, method, args });
    });
  }

  take(message: CallMessage): void {
    if (message.type === 'call') {
      void this.answer(message);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.type === 'return') waiting?.resolve(message.value);
    else waiting?.reject(ApiError.fromJSON(message.error));
  }

  /** The other thread will answer nothing any more. */
  fail(error: ApiError): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }

  private async answer({ id, method, args }: Extract<CallMessage, { type: 'call' }>): Promise<void> {
    try {
      const ours = this.ours[method];
      if (!ours) throw new Error(`There is no method ${method}.`);
      this.post({ type: 'return', id, value: await ours(...args) });
    } catch (cause) {
      this.post({ type: 'throw', id, error: errorJson(cause, method) });
    }
  }
}

/** Any failure in the form in which it crosses threads. */
export function errorJson(cause: unknown, path: string): ApiErrorJson {
  if (cause instanceof ApiError) return cause.toJSON();
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(0, 'Unreachable', message, { method: 'GET', path }).toJSON();
}
