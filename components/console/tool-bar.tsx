'use client';

import { Button, Tooltip } from '@patternfly/react-core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ActionMenu } from '@/components/ui/action-menu';
import { useText } from '@/components/ui/text';
import styles from './console.module.css';
import type { ToolItem } from './tool-item';

const TOOL_PX = 40;
const TEXT_TOOL_PX = 128;

/** One bar: what it is on the left, tools on the right; what does not fit is in the menu at its end. */
export function ToolBar({
  start,
  tools,
  actions,
}: {
  start: ReactNode;
  tools: ToolItem[];
  actions?: ReactNode;
}) {
  const t = useText();
  const [isOpen, setIsOpen] = useState(false);
  const room = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const element = room.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const ranked = tools.filter(({ menuOnly }) => !menuOnly);
  const shown = ranked.slice(0, howManyFit(ranked, width));
  const rest = groupedTogether(tools.filter((tool) => !shown.includes(tool)));
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('consoles.bar.label')}>
      <div className={styles.barStart}>{start}</div>
      <div ref={room} className={styles.tools}>
        {shown.map((tool) => (
          <Tool key={tool.id} tool={tool} />
        ))}
      </div>
      {actions}
      {rest.length > 0 && (
        <ActionMenu items={rest} label={t('consoles.bar.more')} isOpen={isOpen} onOpenChange={setIsOpen} />
      )}
    </div>
  );
}

/** In the order of the groups' first tools: the menu cuts where the group changes. */
function groupedTogether(tools: ToolItem[]): ToolItem[] {
  const groups = [...new Set(tools.map(({ group }) => group))];
  return groups.flatMap((group) => tools.filter((tool) => tool.group === group));
}

function howManyFit(tools: ToolItem[], width: number): number {
  let used = 0;
  const first = tools.findIndex(({ text }) => {
    used += text ? TEXT_TOOL_PX : TOOL_PX;
    return used > width;
  });
  return first < 0 ? tools.length : first;
}

function Tool({ tool: { label, reason, icon, text, href, onSelect } }: { tool: ToolItem }) {
  return (
    <Tooltip content={reason ? `${label}: ${reason}` : label} position="bottom">
      <Button
        variant="plain"
        icon={icon}
        aria-label={label}
        isAriaDisabled={Boolean(reason)}
        onClick={onSelect}
        {...(href && !reason ? { component: 'a' as const, href, target: '_blank', rel: 'noopener' } : {})}
      >
        {text}
      </Button>
    </Tooltip>
  );
}
