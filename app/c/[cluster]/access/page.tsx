import type { Metadata } from 'next';
import { AccessPage } from '@/components/access/access-page';
import { serverText } from '@/components/ui/server-text';

export const metadata: Metadata = { title: serverText('access.title') };

export default async function WhatMayIDoPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <AccessPage cluster={decodeURIComponent((await params).cluster)} />;
}
