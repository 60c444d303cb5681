import type { ClusterApi } from '../api/objects';
import { now } from './time';
import type { Node } from './types';

/** How often a kubelet reports an unchanged status (nodeStatusReportFrequency). */
const HEARTBEAT_MS = 300_000;

/** The nodes' heartbeats: a sign of life every five minutes, and nothing in between. */
export class Heartbeats {
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly cluster: ClusterApi) {
    this.beat();
    this.timer = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    const time = now();
    for (const { metadata } of this.cluster.list<Node>('nodes')) {
      this.cluster.update<Node>('nodes', undefined, metadata.name, (draft) => {
        draft.metadata.annotations = { ...draft.metadata.annotations, 'kubevirt.io/heartbeat': time };
        if (!draft.status?.conditions) return;
        draft.status.conditions = draft.status.conditions.map((known) => ({
          ...known,
          lastHeartbeatTime: time,
        }));
      });
    }
  }
}
