'use client';

import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useText } from '@/components/ui/text';
import type { Leaving } from './use-leave-guard';

export function LeaveDialog({ leaving }: { leaving: Leaving | undefined }) {
  const t = useText();
  if (!leaving) return null;
  return (
    <ConfirmDialog
      title={t('yaml.leave.title')}
      verb={t('yaml.leave.go')}
      onConfirm={leaving.go}
      onCancel={leaving.stay}
    >
      {t('yaml.leave.body')}
    </ConfirmDialog>
  );
}
