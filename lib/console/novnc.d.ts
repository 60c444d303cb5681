// The published types describe 1.6, whose module paths 1.7 no longer exports; this is what the consoles use of 1.7.
declare module '@novnc/novnc' {
  /** One VNC connection. Elements are added to `target`; `disconnect` is final. */
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: WebSocket, options?: { shared?: boolean });
    viewOnly: boolean;
    scaleViewport: boolean;
    clipViewport: boolean;
    dragViewport: boolean;
    showDotCursor: boolean;
    /** A CSS background. */
    background: string;
    disconnect(): void;
    /** Presses and releases unless `down` says which. */
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    sendCtrlAltDel(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
  }
}
