import { ApiError } from '@/lib/k8s/error';
import { InventoryService } from '../inventory-service';
import { LiveSession } from '../live-session';
import type { Clock } from '../transport';
import { Calls } from './calls';
import { LoopDelay } from './loop-delay';
import type { FromInventory, InventoryCalls, NetworkCalls, Port, RemoteAsker, ToInventory } from './messages';
import { RemoteGuard, RemoteTransport } from './remote-network';
import { SocketWriter } from './socket-writer';

/**
 * Frames cost, not rows: few tabs see a change as soon as a watch of their own would show it, and where there are a
 * hundred and more, changes are gathered for longer.
 */
const BATCH_MIN_MS = 10;
const BATCH_MS_PER_TAB = 0.4;
const BATCH_MAX_MS = 50;

/** Runs the inventory at this end of a port; what needs sockets, network or credentials it asks of the other. */
export function serveInventory(
  port: Port<ToInventory, FromInventory>,
  options: { clock?: Clock; closed?: () => void } = {},
): void {
  const post = (message: FromInventory, transfer?: readonly ArrayBuffer[]) => port.post(message, transfer);
  const delay = new LoopDelay();
  const calls: Calls<NetworkCalls, InventoryCalls> = new Calls(post, {
    firstVmWindow: (...args) => inventory.firstVmWindow(...args),
    firstVmGroups: (...args) => inventory.firstVmGroups(...args),
    firstObjects: (...args) => inventory.firstObjects(...args),
    select: (...args) => inventory.select(...args),
    stats: async () => ({
      ...inventory.stats(),
      heapBytes: process.memoryUsage().heapUsed,
      eventLoopDelayMaxMs: delay.maxMs,
    }),
  });
  const transport = new RemoteTransport(calls, post);
  const guard = new RemoteGuard(post);
  const inventory = new InventoryService<RemoteAsker>({
    transport,
    guard,
    may: ({ handle }, check, fresh) => calls.call('may', handle, check, fresh),
    ...(options.clock ? { clock: options.clock } : {}),
  });
  const writer = new SocketWriter(post);
  const sessions = new Map<number, LiveSession<RemoteAsker>>();

  const open = (socket: number) => {
    const asker = (cluster: string) => calls.call('asker', socket, cluster);
    const session = new LiveSession<RemoteAsker>(inventory, asker, {
      send: (text) => writer.send(socket, text),
      unsent: () => writer.unsent(socket),
      batchMs: () => Math.min(BATCH_MAX_MS, BATCH_MIN_MS + sessions.size * BATCH_MS_PER_TAB),
      refuse: (reason) => post({ type: 'refuse', socket, reason }),
    });
    sessions.set(socket, session);
  };
  const close = () => {
    for (const session of sessions.values()) session.close();
    sessions.clear();
    inventory.close();
    delay.close();
    options.closed?.();
  };

  port.listen((message) => {
    switch (message.type) {
      case 'opened':
        open(message.socket);
        return;
      case 'message':
        sessions.get(message.socket)?.receive(message.text);
        return;
      case 'closed':
        sessions.get(message.socket)?.close();
        sessions.delete(message.socket);
        writer.forget(message.socket);
        return;
      case 'buffered':
        writer.heard(message.sockets, message.taken);
        return;
      case 'chunk':
        transport.take(message);
        return;
      case 'end':
        transport.end(message);
        return;
      case 'denied':
        guard.denied(message.hold, message.check, message.reason);
        return;
      case 'over':
        guard.over(message.hold, ApiError.fromJSON(message.error));
        return;
      case 'close':
        close();
        return;
      default:
        calls.take(message);
    }
  });
}
