import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import type { ApiAnswer, ApiTransport, Asker, GetOptions, Guard, Standing } from '../transport';
import { BodyReceiver } from './body-streams';
import type { Calls } from './calls';
import type { FromInventory, InventoryCalls, NetworkCalls, RemoteAsker, ToInventory } from './messages';

type Post = (message: FromInventory) => void;

/** The inventory's way to clusters: the main thread asks, this thread reads. */
export class RemoteTransport implements ApiTransport<Asker> {
  private readonly receivers = new Map<number, BodyReceiver>();
  private last = 0;

  constructor(
    private readonly calls: Calls<NetworkCalls, InventoryCalls>,
    private readonly post: Post,
  ) {}

  async get(asker: RemoteAsker | Asker, path: string, { signal, streaming }: GetOptions): Promise<ApiAnswer> {
    signal.throwIfAborted();
    this.last += 1;
    const stream = this.last;
    const receiver = new BodyReceiver(stream, this.post);
    this.receivers.set(stream, receiver);
    let isOver = false;
    const cancel = () => {
      if (isOver) return;
      isOver = true;
      this.receivers.delete(stream);
      this.post({ type: 'cancel', stream });
      receiver.end(new ApiError(0, 'Aborted', 'The request was given up.', { method: 'GET', path }).toJSON());
    };
    signal.addEventListener('abort', cancel, { once: true });
    const finish = () => {
      signal.removeEventListener('abort', cancel);
      isOver = true;
      this.receivers.delete(stream);
    };
    try {
      const head = await this.calls.call(
        'get',
        stream,
        'handle' in asker ? asker.handle : asker,
        path,
        streaming,
      );
      return { ...head, body: read(receiver, cancel, finish) };
    } catch (cause) {
      finish();
      throw cause;
    }
  }

  take({ stream, bytes }: Extract<ToInventory, { type: 'chunk' }>): void {
    this.receivers.get(stream)?.take(bytes);
  }

  end({ stream, error }: Extract<ToInventory, { type: 'end' }>): void {
    this.receivers.get(stream)?.end(error);
  }
}

async function* read(
  receiver: BodyReceiver,
  cancel: () => void,
  finish: () => void,
): AsyncGenerator<Uint8Array> {
  let isWhole = false;
  try {
    yield* receiver.body();
    isWhole = true;
  } finally {
    // A reader that stops in the middle wants no more of it.
    if (!isWhole) cancel();
    finish();
  }
}

/** The main thread looks whether what is open may stay so, and tells. */
export class RemoteGuard implements Guard<RemoteAsker> {
  private readonly held = new Map<number, Standing<RemoteAsker>>();
  private last = 0;

  constructor(private readonly post: Post) {}

  hold(standing: Standing<RemoteAsker>): () => void {
    this.last += 1;
    const hold = this.last;
    this.held.set(hold, standing);
    this.post({ type: 'hold', hold, handle: standing.who.handle, checks: standing.checks });
    return () => {
      if (this.held.delete(hold)) this.post({ type: 'release', hold });
    };
  }

  denied(hold: number, check: AccessCheck, reason?: string): void {
    this.held.get(hold)?.denied(check, reason);
  }

  over(hold: number, error: ApiError): void {
    this.held.get(hold)?.over(error);
  }
}
