'use client';

import { createContext, use } from 'react';
import type { Batch, Members } from './batch';
import type { BatchRun, MemberState } from './batch-run';

/** What the step about several VMs shares with the page around it. */
export interface BatchForm {
  batch: Batch;
  setBatch: (next: Batch) => void;
  /** Undefined while one VM is made. */
  members: Members | undefined;
  /** The last creation of several, and how far it is. */
  run: BatchRun | undefined;
  states: readonly MemberState[];
}

const Context = createContext<BatchForm | undefined>(undefined);

export const BatchProvider = Context.Provider;

export function useBatchForm(): BatchForm {
  const form = use(Context);
  if (!form) throw new Error('No form for several VMs around this');
  return form;
}
