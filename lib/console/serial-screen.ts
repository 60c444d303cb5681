import type { FitAddon } from '@xterm/addon-fit';
import type { Terminal } from '@xterm/xterm';
import { text } from '@/lib/text';
import { onLeaveKeys } from './leave-keys';
import { OutputFlow } from './output-flow';
import { readPreferences } from './preferences';
import { WS_PROTOCOL } from './probe';
import { type ConsoleScreen, download, fill, type ScreenFacts, type ScreenOptions } from './screen';
import { browserClock, type Connection, type ConnectionEvents } from './session';
import { Store } from './store';
import { newTerminal, openTerminal, scrollBackText } from './terminal';
import { pace } from './typing';

export interface SerialFacts extends ScreenFacts {
  columns: number;
  rows: number;
  hasSelection: boolean;
  /** The guest has printed something. */
  hasOutput: boolean;
  fontSize: number;
  screenReader: boolean;
}

/** KubeVirt gives no history: a guest that waits at its prompt prints nothing until a key comes. */
const NUDGE_AFTER_MS = 1_000;
// A guest's terminal driver holds 4 KiB of unread input and drops the rest, and a UART has no other way to say "wait".
const PIECE_BYTES = 64;
const PIECE_EVERY_MS = 10;

/** The serial console: xterm over one socket at a time. The scroll-back survives reconnects. */
export class SerialScreen implements ConsoleScreen<SerialFacts> {
  readonly host = document.createElement('div');
  onLeave: (() => void) | undefined;
  readonly facts: Store<SerialFacts>;
  private terminal: Terminal | undefined;
  private fitter: FitAddon | undefined;
  private readonly ready: Promise<Terminal>;
  private readonly flow: OutputFlow;
  private readonly encoder = new TextEncoder();
  private readonly sizes = new ResizeObserver(() => this.fit());
  private socket: WebSocket | undefined;
  private stopPacing: (() => void) | undefined;
  private readonly stopLeaveKeys: () => void;
  private disposed = false;

  constructor(private readonly options: ScreenOptions) {
    const { fontSize, screenReader } = readPreferences();
    this.facts = new Store<SerialFacts>({
      focused: false,
      typing: undefined,
      columns: 0,
      rows: 0,
      hasSelection: false,
      hasOutput: false,
      fontSize,
      screenReader,
    });
    fill(this.host);
    this.host.addEventListener('focusin', () => this.facts.set({ focused: true }));
    this.host.addEventListener('focusout', () => this.facts.set({ focused: false }));
    this.stopLeaveKeys = onLeaveKeys(this.host, () => {
      this.blur();
      this.onLeave?.();
    });
    this.flow = new OutputFlow({
      write: (bytes, parsed) => this.terminal?.write(bytes, parsed),
      skipped: (bytes) => this.note(options.say(text('consoles.notice.skipped', { size: sizeText(bytes) }))),
    });
    this.ready = this.start();
  }

  attached(): void {
    this.ready.then(
      (terminal) => this.show(terminal),
      // `open` reports it.
      () => undefined,
    );
  }

  open(events: ConnectionEvents): Connection {
    let ended = false;
    let socket: WebSocket | undefined;
    let cancelNudge = () => {};
    const begin = async () => {
      await this.ready;
      if (ended) return;
      socket = new WebSocket(this.options.url, [WS_PROTOCOL]);
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => {
        this.socket = socket;
        cancelNudge = browserClock.after(NUDGE_AFTER_MS, () => this.send(this.encoder.encode('\r')));
        if (!ended) events.opened();
      };
      socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
        cancelNudge();
        if (!ended)
          this.flow.push(typeof data === 'string' ? this.encoder.encode(data) : new Uint8Array(data));
      };
      socket.onclose = ({ code, reason }) => {
        cancelNudge();
        this.forget(socket);
        if (!ended) events.closed(code, reason);
      };
    };
    begin().catch((error: unknown) => !ended && events.failed(String(error)));
    return {
      close: () => {
        ended = true;
        cancelNudge();
        this.forget(socket);
        socket?.close();
      },
    };
  }

  /** Prints a dim line of the console's own between the guest's. */
  note(line: string): void {
    // CAN ends an escape sequence that was cut off, SGR 0 its colours.
    void this.ready.then((terminal) => {
      if (this.disposed) return;
      const fresh = terminal.buffer.active.cursorX === 0 ? '' : '\r\n';
      terminal.write(`\x18\x1b[0m${fresh}\x1b[2m${line}\x1b[0m\r\n`);
    });
  }

  focus(): void {
    this.terminal?.focus();
  }

  blur(): void {
    this.terminal?.blur();
  }

  type(typed: string): void {
    this.terminal?.paste(typed);
  }

  stopTyping(): void {
    this.stopPacing?.();
    this.stopPacing = undefined;
  }

  /** Serial lines carry no size; this types the command that tells a Unix shell. */
  tellSize(): void {
    const { columns, rows } = this.facts.get();
    this.send(this.encoder.encode(`stty rows ${rows} cols ${columns}\r`));
  }

  /** The selected text; empty when nothing is. */
  selection(): string {
    return this.terminal?.getSelection() ?? '';
  }

  clear(): void {
    this.terminal?.clear();
  }

  setFontSize(fontSize: number): void {
    this.facts.set({ fontSize });
    if (this.terminal) this.terminal.options.fontSize = fontSize;
    this.fit();
  }

  setScreenReader(screenReader: boolean): void {
    this.facts.set({ screenReader });
    if (this.terminal) this.terminal.options.screenReaderMode = screenReader;
  }

  saveScrollBack(name: string): void {
    if (!this.terminal) return;
    download(new Blob([scrollBackText(this.terminal)], { type: 'text/plain;charset=utf-8' }), name);
  }

  dispose(): void {
    this.disposed = true;
    this.stopTyping();
    this.stopLeaveKeys();
    this.sizes.disconnect();
    this.terminal?.dispose();
    this.host.remove();
  }

  private async start(): Promise<Terminal> {
    const { fontSize, screenReader } = this.facts.get();
    const { terminal, fitter } = await newTerminal({ fontSize, screenReader, nonce: this.options.nonce });
    if (this.disposed) terminal.dispose();
    this.terminal = terminal;
    this.fitter = fitter;
    terminal.onData((typed) => this.deliver(this.encoder.encode(typed)));
    terminal.onBinary((typed) =>
      this.deliver(Uint8Array.from(typed, (character) => character.charCodeAt(0))),
    );
    terminal.onResize(({ cols, rows }) => this.facts.set({ columns: cols, rows }));
    terminal.onSelectionChange(() => this.facts.set({ hasSelection: terminal.hasSelection() }));
    terminal.attachCustomKeyEventHandler((event) => !this.isShortcut(event));
    return terminal;
  }

  private show(terminal: Terminal): void {
    if (this.disposed || !this.host.isConnected) return;
    if (!terminal.element) {
      openTerminal(terminal, this.host, this.options.nonce);
      terminal.textarea?.setAttribute('aria-label', this.options.label);
      this.sizes.observe(this.host);
    }
    this.fit();
  }

  private fit(): void {
    if (this.terminal?.element && this.host.clientWidth > 0 && this.host.clientHeight > 0) this.fitter?.fit();
  }

  /** Ctrl+Shift+C copies and Ctrl+Shift+V pastes, as in every terminal; neither reaches the guest. */
  private isShortcut(event: KeyboardEvent): boolean {
    if (!event.ctrlKey || !event.shiftKey || event.altKey) return false;
    // The browser answers Ctrl+Shift+V with a paste event, which xterm takes.
    if (event.code === 'KeyV') return true;
    if (event.code !== 'KeyC') return false;
    event.preventDefault();
    if (event.type === 'keydown') void navigator.clipboard?.writeText(this.selection());
    return true;
  }

  private deliver(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length <= PIECE_BYTES && !this.stopPacing) {
      this.send(bytes);
      return;
    }
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      pieces.push(bytes.slice(start, start + PIECE_BYTES));
    }
    this.stopTyping();
    this.stopPacing = pace(
      pieces,
      PIECE_EVERY_MS,
      browserClock,
      (piece) => this.send(piece),
      (typing) => {
        if (!typing) this.stopPacing = undefined;
        this.facts.set({ typing });
      },
    );
  }

  /** Binary frames only: virt-api drops text frames without a word. */
  private send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(bytes);
  }

  private forget(socket: WebSocket | undefined): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.stopTyping();
  }
}

const sizeText = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
