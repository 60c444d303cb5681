/** An action as a control shows it: words, and why it cannot be used now, if so. */
export interface ActionItem {
  id: string;
  label: string;
  /** Items of one group stand together. */
  group: string;
  danger?: boolean;
  /** Why it cannot be used now. The control stays, keeps focus, and says so. */
  reason?: string | undefined;
  /** Shows more about the reason, when somebody tries all the same; the tip then has to say so. */
  onExplain?: (() => void) | undefined;
  /** Under way: the control shows progress and keeps its size. */
  busy?: boolean;
  /** Opens a page, in a tab of its own unless it is to open `here`. */
  href?: string;
  here?: boolean;
  onSelect?: () => void;
}

/** The items in their order, cut where the group changes. */
export function byGroup(items: ActionItem[]): ActionItem[][] {
  const groups: ActionItem[][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (last?.[0]?.group === item.group) last.push(item);
    else groups.push([item]);
  }
  return groups;
}
