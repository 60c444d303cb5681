import { once } from 'node:events';
import WebSocket from 'ws';
import type { ServerMessage, Subscription } from '@/lib/inventory/protocol';
import { type LiveState, LOADING_STATE, reduceLive } from '@/lib/live/live-state';

/** A tab's live socket, which folds what it hears as a browser does. */
export class Tab {
  private readonly states = new Map<string, LiveState>();
  private last = 0;

  private constructor(
    private readonly socket: WebSocket,
    private readonly cluster: string,
  ) {
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as ServerMessage;
      this.states.set(message.id, reduceLive(this.states.get(message.id) ?? LOADING_STATE, message));
    });
  }

  static async open(origin: string, headers: Record<string, string>, cluster = 'sandbox'): Promise<Tab> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, { headers, origin });
    const tab = new Tab(socket, cluster);
    await once(socket, 'open');
    return tab;
  }

  /** Returns how the subscription stands now. */
  subscribe(subscription: Subscription): () => LiveState {
    this.last += 1;
    const id = String(this.last);
    this.states.set(id, LOADING_STATE);
    this.socket.send(JSON.stringify({ type: 'subscribe', id, cluster: this.cluster, subscription }));
    return () => this.states.get(id) ?? LOADING_STATE;
  }

  close(): void {
    this.socket.terminate();
  }
}
