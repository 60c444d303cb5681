/** What the tabs of one browser tell each other. Never anything secret: every tab of this origin hears it. */
export type SessionNews =
  | { type: 'signed-in' | 'signed-out'; cluster: string }
  /** One tab has kept the session alive for all of them; `expiresAt` in ms since the epoch. */
  | { type: 'renewed'; cluster: string; expiresAt: number; renewAt?: number };

const NAME = 'portlight-session';

export interface SessionChannel {
  send(news: SessionNews): void;
  /** Hears the other tabs, never itself. */
  listen(listener: (news: SessionNews) => void): () => void;
}

/** The browser's own channel; in a browser without one every tab is alone and learns from its next request. */
export function openSessionChannel(): SessionChannel {
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(NAME);
  return {
    send: (news) => channel?.postMessage(news),
    listen: (listener) => {
      const hear = ({ data }: MessageEvent<unknown>) => {
        const news = readNews(data);
        if (news) listener(news);
      };
      channel?.addEventListener('message', hear);
      return () => channel?.removeEventListener('message', hear);
    },
  };
}

/** Another version of the console may be open in another tab, so what comes is looked at. */
export function readNews(data: unknown): SessionNews | undefined {
  if (typeof data !== 'object' || data === null || !('type' in data) || !('cluster' in data))
    return undefined;
  const { type, cluster } = data;
  if (typeof cluster !== 'string') return undefined;
  if (type === 'signed-in' || type === 'signed-out') return { type, cluster };
  if (type !== 'renewed' || !('expiresAt' in data) || typeof data.expiresAt !== 'number') return undefined;
  const renewAt = 'renewAt' in data && typeof data.renewAt === 'number' ? { renewAt: data.renewAt } : {};
  return { type, cluster, expiresAt: data.expiresAt, ...renewAt };
}
