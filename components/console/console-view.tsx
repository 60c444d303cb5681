'use client';

import { CompressIcon, ExpandIcon, ExternalLinkAltIcon, UnlinkIcon } from '@patternfly/react-icons';
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { LiveConsole } from '@/lib/console/consoles';
import type { SerialFacts } from '@/lib/console/serial-screen';
import type { ConsoleState, Situation } from '@/lib/console/state';
import type { VncFacts } from '@/lib/console/vnc-screen';
import { stateWords } from '@/lib/console/words';
import type { Ref } from '@/lib/k8s/object';
import { type ConsoleKind, paths } from '@/lib/paths';
import styles from './console.module.css';
import { ConsoleFoot } from './console-foot';
import { useSerialTools } from './serial-tools';
import { StateCard } from './state-card';
import { TextDialog } from './text-dialog';
import { ToolBar } from './tool-bar';
import type { ToolItem } from './tool-item';
import { useConsole } from './use-console';
import { useFullScreen } from './use-full-screen';
import { useVncTools } from './vnc-tools';

interface ConsoleViewProps {
  vm: Ref;
  kind: ConsoleKind;
  situation: Situation;
  /** Left end of the bar: which console this is, and the way to the other. */
  start: ReactNode;
  /** Power actions, at the right end of the bar. */
  actions?: ReactNode;
  /** False where the console has a browser tab of its own already. */
  canDetach: boolean;
  onState?: (state: ConsoleState) => void;
}

/** One console: the bar, the screen, and in its place or over it what is the case when it is not connected. */
export function ConsoleView(props: ConsoleViewProps) {
  const { vm, kind, situation, start, onState } = props;
  const { console, state } = useConsole(vm, kind, situation);
  const { isFull, canFill, toggle } = useFullScreen();
  const t = useText();
  const words = stateWords(state, kind, 0);
  useEffect(() => onState?.(state), [onState, state]);

  const bar = (
    <>
      {start}
      <StatusLabel tone={words.tone} busy={words.busy}>
        {t(words.label)}
      </StatusLabel>
    </>
  );
  return (
    <div className={styles.frame} data-full={isFull || undefined}>
      <div className="pf-v6-screen-reader" role="status">
        {t('consoles.bar.status', { state: t(words.title) })}
      </div>
      {console ? (
        <Live
          {...props}
          start={bar}
          console={console}
          state={state}
          fullScreen={{
            id: 'full-screen',
            label: t(isFull ? 'consoles.bar.leaveFullScreen' : 'consoles.bar.fullScreen'),
            group: 'window',
            icon: isFull ? <CompressIcon /> : <ExpandIcon />,
            reason: canFill ? undefined : t('consoles.reason.noFullScreen'),
            onSelect: toggle,
          }}
        />
      ) : (
        <>
          <ToolBar start={bar} tools={[]} />
          <div className={styles.screen}>
            <StateCard vm={vm} kind={kind} state={state} facts={situation.vm} onConnect={() => undefined} />
          </div>
        </>
      )}
    </div>
  );
}

interface LiveProps extends ConsoleViewProps {
  console: LiveConsole;
  state: ConsoleState;
  fullScreen: ToolItem;
}

function Live({ console, ...props }: LiveProps) {
  return console.kind === 'vnc' ? (
    <LiveVnc {...props} console={console} />
  ) : (
    <LiveSerial {...props} console={console} />
  );
}

function LiveVnc(props: LiveProps & { console: LiveConsole & { kind: 'vnc' } }) {
  const { console, vm, state } = props;
  const [text, setText] = useState<string>();
  const tools = useVncTools(console.screen, { name: vm.name, linked: isLinked(state), onText: setText });
  return <Shown {...props} tools={tools} text={text} setText={setText} />;
}

function LiveSerial(props: LiveProps & { console: LiveConsole & { kind: 'serial' } }) {
  const { console, vm, state } = props;
  const [text, setText] = useState<string>();
  const tools = useSerialTools(console.screen, { name: vm.name, linked: isLinked(state), onText: setText });
  return <Shown {...props} tools={tools} text={text} setText={setText} />;
}

interface ShownProps extends LiveProps {
  tools: ToolItem[];
  /** What the text dialog starts with; undefined while it is closed. */
  text: string | undefined;
  setText: (text: string | undefined) => void;
}

function Shown({
  console,
  state,
  vm,
  kind,
  situation,
  start,
  actions,
  canDetach,
  fullScreen,
  ...rest
}: ShownProps) {
  const { tools, text, setText } = rest;
  const t = useText();
  const mount = useRef<HTMLDivElement>(null);
  const { session, screen } = console;
  const facts = useSyncExternalStore<VncFacts | SerialFacts>(
    screen.facts.subscribe,
    screen.facts.get,
    screen.facts.get,
  );

  useEffect(() => {
    mount.current?.append(screen.host);
    screen.attached();
    screen.onLeave = () =>
      mount.current
        ?.closest(`.${styles.frame}`)
        ?.querySelector<HTMLElement>('[role="toolbar"] button')
        ?.focus();
    return () => screen.host.remove();
  }, [screen]);

  // A tab of its own is for nothing else: one can type at once, unless the keyboard is somewhere already.
  const connected = state.name === 'connected';
  useEffect(() => {
    if (connected && !canDetach && document.activeElement === document.body) screen.focus();
  }, [connected, canDetach, screen]);

  const ended = state.name === 'closed' || state.name === 'stopped' || state.name === 'absent';
  const frameTools: ToolItem[] = [
    fullScreen,
    ...(canDetach
      ? [
          {
            id: 'detach',
            label: t('consoles.bar.detach'),
            group: 'window',
            icon: <ExternalLinkAltIcon />,
            // Opened from here, not by a link, because both ways of showing a tool must also give the console up here.
            onSelect: () => {
              session.close(true);
              window.open(paths.console(vm, kind), '_blank', 'noopener');
            },
          },
        ]
      : []),
    {
      id: 'disconnect',
      label: t('consoles.bar.disconnect'),
      group: 'window',
      icon: <UnlinkIcon />,
      menuOnly: true,
      reason: ended ? t('consoles.reason.notConnected') : undefined,
      onSelect: () => session.close(),
    },
  ];
  const hasPicture = 'width' in facts ? facts.width > 0 : facts.hasOutput;
  return (
    <>
      <ToolBar start={start} tools={[...tools, ...frameTools]} actions={actions} />
      <div className={styles.screen} data-kind={kind}>
        <div ref={mount} className={styles.mount} data-old={state.name !== 'connected' || undefined} />
        {state.name !== 'connected' && (
          <div className={styles.over} data-picture={hasPicture || undefined}>
            <StateCard
              vm={vm}
              kind={kind}
              state={state}
              facts={situation.vm}
              onConnect={() => session.connect()}
            />
          </div>
        )}
      </div>
      <ConsoleFoot facts={facts} takesKeys={state.name === 'connected'} screen={screen} />
      {text !== undefined && (
        <TextDialog
          name={vm.name}
          kind={kind}
          initial={text}
          onSend={(typed) => {
            screen.type(typed);
            // After the dialog has given the focus back to its button.
            requestAnimationFrame(() => screen.focus());
          }}
          onClose={() => setText(undefined)}
        />
      )}
    </>
  );
}

const isLinked = (state: ConsoleState): boolean =>
  state.name === 'connected' || (state.name === 'paused' && state.linked);
