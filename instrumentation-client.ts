import { allowOwnScripts } from '@/components/shell/trusted-types';

// Next runs this before it hydrates any page, those included that it answers without our layout (notFound() and errors
// thrown while streaming), whose head has no script of ours.
allowOwnScripts();
