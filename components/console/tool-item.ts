import type { ReactNode } from 'react';
import type { ActionItem } from '@/components/ui/action-item';

/** One tool of the console's bar. Those that find no room go into the menu; `menuOnly` ones stand there always. */
export interface ToolItem extends ActionItem {
  icon?: ReactNode;
  /** Shown instead of an icon: the names on the keys. */
  text?: string;
  menuOnly?: boolean;
}
