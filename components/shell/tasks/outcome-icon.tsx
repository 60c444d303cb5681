import {
  BanIcon,
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  MinusCircleIcon,
  PendingIcon,
} from '@patternfly/react-icons';
import type { BulkItemState } from '@/lib/live/bulk-item';
import type { TaskState } from '@/lib/live/tasks';
import styles from './tasks.module.css';

const ICONS: Record<TaskState | BulkItemState, typeof InProgressIcon> = {
  running: InProgressIcon,
  calling: InProgressIcon,
  waiting: InProgressIcon,
  overdue: ExclamationTriangleIcon,
  done: CheckCircleIcon,
  failed: ExclamationCircleIcon,
  lost: ExclamationTriangleIcon,
  stopped: BanIcon,
  notStarted: BanIcon,
  queued: PendingIcon,
  skipped: MinusCircleIcon,
};

/** The state of a task or of one of its VMs; words beside it say the same. */
export function OutcomeIcon({ state }: { state: TaskState | BulkItemState }) {
  const Icon = ICONS[state];
  return <Icon className={styles.icon} data-state={state} aria-hidden="true" />;
}
