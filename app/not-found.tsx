import { PageMessage } from '@/components/shell/page-message';

export default function NotFound() {
  return <PageMessage title="errors.page.notFoundTitle" body="errors.page.notFoundBody" />;
}
