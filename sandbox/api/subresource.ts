import type { Duplex } from 'node:stream';

/** A call to subresources.kubevirt.io that passed authentication and authorization. */
export interface SubresourceCall {
  namespace: string;
  /** Absent for the calls that name no object, such as `expand-vm-spec` or `version`. */
  resource?: 'virtualmachines' | 'virtualmachineinstances';
  name?: string;
  /** What follows the object's name: `start`, `vnc/screenshot`, `portforward/22/tcp`. */
  action: string;
  method: string;
  query: URLSearchParams;
  body: Buffer;
  user: string;
}

export interface SubresourceReply {
  status: number;
  /** Objects are sent as JSON (a `Status` among them), strings as text/plain, buffers as they are. */
  body?: object | string | Buffer;
  contentType?: string;
}

/** What KubeVirt's virt-api answers; the router in sandbox/api hands calls over and writes the replies. */
export interface SubresourceServer {
  call(call: SubresourceCall): Promise<SubresourceReply>;
  /**
   * A WebSocket upgrade (vnc, console, portforward). Answers either with a refusal, sent as plain HTTP before the
   * upgrade, or with the byte stream that the WebSocket carries in binary frames. Ending the stream drops the socket
   * without a close frame, as virt-api does.
   */
  upgrade(call: SubresourceCall): Promise<{ stream: Duplex } | { refusal: SubresourceReply }>;
}
