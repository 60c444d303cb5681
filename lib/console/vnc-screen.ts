import type RFB from '@novnc/novnc';
import { onLeaveKeys } from './leave-keys';
import { readPreferences } from './preferences';
import { WS_PROTOCOL } from './probe';
import { type ConsoleScreen, download, fill, type ScreenFacts, type ScreenOptions } from './screen';
import { browserClock, type Connection, type ConnectionEvents } from './session';
import { Store } from './store';
import { pace, SHIFT, type Stroke, typingPlan } from './typing';

export interface VncFacts extends ScreenFacts {
  /** Of the guest's screen, in its pixels; 0 before the first picture. */
  width: number;
  height: number;
}

/** A combination to send; released in reverse. */
export type KeyCombination = [keysym: number, code: string][];

// PS/2 and USB keyboards of QEMU queue about 16 events; a stroke with Shift is four.
const STROKE_EVERY_MS = 30;
// noVNC reports the connection before the first frame; the last picture covers the black until then.
const FIRST_FRAME_MS = 300;

const MODIFIERS: KeyCombination = [
  [0xffe3, 'ControlLeft'],
  [0xffe4, 'ControlRight'],
  [0xffe9, 'AltLeft'],
  [0xffea, 'AltRight'],
  [0xffe1, 'ShiftLeft'],
  [0xffe2, 'ShiftRight'],
  [0xffeb, 'MetaLeft'],
  [0xffec, 'MetaRight'],
];

/** The graphical screen: noVNC over one socket at a time. The last picture stays while there is none. */
export class VncScreen implements ConsoleScreen<VncFacts> {
  readonly host = document.createElement('div');
  onLeave: (() => void) | undefined;
  readonly facts = new Store<VncFacts>({ focused: false, typing: undefined, width: 0, height: 0 });
  private readonly last = document.createElement('canvas');
  private readonly stage = document.createElement('div');
  private rfb: RFB | undefined;
  /** Of the newest connection; its pixels outlive it. */
  private canvas: HTMLCanvasElement | undefined;
  private scale = readPreferences().scale;
  private stopPacing: (() => void) | undefined;
  private readonly stopLeaveKeys: () => void;

  constructor(private readonly options: ScreenOptions) {
    fill(this.host);
    fill(this.last);
    fill(this.stage);
    Object.assign(this.last.style, { width: '100%', height: '100%', objectFit: 'contain', display: 'none' });
    this.last.setAttribute('aria-hidden', 'true');
    this.host.append(this.last, this.stage);
    this.host.addEventListener('focusin', () => this.facts.set({ focused: true }));
    this.host.addEventListener('focusout', () => {
      this.facts.set({ focused: false });
      this.releaseModifiers();
    });
    this.stopLeaveKeys = onLeaveKeys(this.host, () => {
      this.blur();
      this.onLeave?.();
    });
  }

  attached(): void {
    // noVNC sees the size change by itself.
  }

  open(events: ConnectionEvents): Connection {
    let ended = false;
    let end = () => {};
    const begin = async () => {
      const { default: Rfb } = await import('@novnc/novnc');
      if (ended) return;
      const socket = new WebSocket(this.options.url, [WS_PROTOCOL]);
      end = () => socket.close();
      socket.onclose = ({ code, reason }) => !ended && events.closed(code, reason);
      // noVNC gets the socket once it is open: it takes a refused one for an error of its own.
      socket.onopen = () => {
        if (ended) return;
        const rfb = this.start(new Rfb(this.stage, socket, { shared: true }), events);
        end = () => {
          this.keepPicture();
          rfb.disconnect();
        };
        // After noVNC's own handlers, which replace onopen and onclose.
        socket.addEventListener('close', ({ code, reason }) => {
          this.keepPicture();
          if (this.rfb === rfb) this.rfb = undefined;
          if (!ended) events.closed(code, reason);
        });
      };
    };
    begin().catch((error: unknown) => !ended && events.failed(String(error)));
    return {
      close: () => {
        ended = true;
        end();
      },
    };
  }

  setScale(scale: boolean): void {
    this.scale = scale;
    if (this.rfb) this.rfb.scaleViewport = scale;
  }

  focus(): void {
    this.rfb?.focus();
  }

  blur(): void {
    this.rfb?.blur();
  }

  sendCtrlAltDel(): void {
    this.rfb?.sendCtrlAltDel();
  }

  send(keys: KeyCombination): void {
    for (const [keysym, code] of keys) this.rfb?.sendKey(keysym, code, true);
    for (const [keysym, code] of [...keys].reverse()) this.rfb?.sendKey(keysym, code, false);
  }

  type(text: string): void {
    this.stopTyping();
    const { strokes } = typingPlan(text);
    this.stopPacing = pace(
      strokes,
      STROKE_EVERY_MS,
      browserClock,
      (stroke) => this.strike(stroke),
      (typing) => this.facts.set({ typing }),
    );
  }

  stopTyping(): void {
    this.stopPacing?.();
    this.stopPacing = undefined;
  }

  /** Saves what is on the screen, or the last picture, as PNG. */
  savePicture(name: string): void {
    (this.rfb && this.canvas ? this.canvas : this.last).toBlob(
      (blob) => blob && download(blob, name),
      'image/png',
    );
  }

  dispose(): void {
    this.stopTyping();
    this.stopLeaveKeys();
    this.host.remove();
  }

  private start(rfb: RFB, events: ConnectionEvents): RFB {
    this.rfb = rfb;
    rfb.scaleViewport = this.scale;
    rfb.showDotCursor = true;
    rfb.background = 'transparent';
    this.canvas = this.stage.querySelector('canvas') ?? undefined;
    if (this.canvas) this.adopt(this.canvas);
    rfb.addEventListener('connect', () => {
      events.opened();
      setTimeout(() => {
        if (this.rfb === rfb) this.last.style.display = 'none';
      }, FIRST_FRAME_MS);
    });
    rfb.addEventListener('credentialsrequired', () => events.failed('VNC authentication required'));
    rfb.addEventListener('securityfailure', (event) => {
      const { reason } = (event as CustomEvent<{ reason?: string }>).detail;
      events.failed(reason ?? 'VNC security failure');
    });
    return rfb;
  }

  private adopt(canvas: HTMLCanvasElement): void {
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', this.options.label);
    canvas.tabIndex = 0;
    const measure = () => {
      if (canvas.width > 0) this.facts.set({ width: canvas.width, height: canvas.height });
    };
    new MutationObserver(measure).observe(canvas, { attributes: true, attributeFilter: ['width', 'height'] });
  }

  private keepPicture(): void {
    const { canvas } = this;
    if (!canvas || canvas.width === 0 || canvas.height === 0) return;
    this.last.width = canvas.width;
    this.last.height = canvas.height;
    this.last.getContext('2d')?.drawImage(canvas, 0, 0);
    this.last.style.display = '';
  }

  private strike({ code, keysym, shift }: Stroke): void {
    if (shift) this.rfb?.sendKey(SHIFT.keysym, SHIFT.code, true);
    this.rfb?.sendKey(keysym, code);
    if (shift) this.rfb?.sendKey(SHIFT.keysym, SHIFT.code, false);
  }

  /** The canvas does not see the keys come up that are let go elsewhere; the guest would go on holding them. */
  private releaseModifiers(): void {
    const { rfb } = this;
    if (!rfb) return;
    // Lets noVNC forget which keys are down; it sends nothing while view-only, so the releases follow.
    rfb.viewOnly = true;
    rfb.viewOnly = false;
    for (const [keysym, code] of MODIFIERS) rfb.sendKey(keysym, code, false);
  }
}
