'use client';

import { PageMessage } from '@/components/shell/page-message';

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <PageMessage
      title="errors.page.unexpectedTitle"
      body="errors.page.unexpectedBody"
      reference={error.digest}
      onRetry={reset}
    />
  );
}
