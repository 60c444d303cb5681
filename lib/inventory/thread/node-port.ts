import type { MessagePort, Worker } from 'node:worker_threads';
import type { Port } from './messages';

/** Node's ends of channels, with types: each end posts what the other listens to. */
export function portOf<In, Out>(port: MessagePort | Worker): Port<In, Out> {
  return {
    post: (message, transfer = []) => port.postMessage(message, transfer),
    // What arrives is what the other end, which is ours too, has posted.
    listen: (listener) => port.addListener('message', (message: unknown) => listener(message as In)),
  };
}
