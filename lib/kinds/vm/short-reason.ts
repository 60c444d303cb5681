import { type Text, text } from '@/lib/text';

const INSUFFICIENT = /Insufficient ([^\s,.]+(?:\.[^\s,.]+)*)/;

/**
 * The cluster's words about a VM as a short sentence, where they are of a kind that is known; lists and overviews show
 * it. The whole truth, with names and numbers, is the diagnosis's. `reason` is `VmRow.reason`.
 */
export function shortReason(reason: string): Text | undefined {
  const claim = /^PVC (\S+) does not exist/.exec(reason)?.[1];
  if (claim) return text('diagnose.short.claim', { claim: claim.split('/').at(-1) ?? claim });
  if (/^\d+\/\d+ nodes are available/.test(reason)) return unscheduled(reason);
  const quota = /exceeded quota: ([^,\s]+)/.exec(reason)?.[1];
  if (quota) return text('diagnose.short.quota', { quota });
  const image = /(?:pulling|pull|unpack) image "([^"]+)"/.exec(reason)?.[1];
  if (image && /ErrImagePull|ImagePullBackOff|failed to pull/.test(reason))
    return text('diagnose.short.image', { image });
  return undefined;
}

/** Of what the scheduler holds against the nodes, what is nearest to what was asked for. */
function unscheduled(reason: string): Text {
  const [said = ''] = reason.split('preemption:');
  const short = INSUFFICIENT.exec(said)?.[1];
  if (short === 'cpu') return text('diagnose.short.cpu');
  if (short === 'memory') return text('diagnose.short.memory');
  if (short) return text('diagnose.short.resource', { resource: short });
  if (/unbound immediate|persistentvolumeclaim/i.test(said)) return text('diagnose.short.unbound');
  if (/affinity\/selector/.test(said)) return text('diagnose.short.selector');
  const taint = /untolerated taint \{([^:}]+)/.exec(said)?.[1];
  if (taint) return text('diagnose.short.taint', { taint });
  if (/unschedulable/.test(said)) return text('diagnose.short.cordoned');
  return text('diagnose.short.nowhere');
}
