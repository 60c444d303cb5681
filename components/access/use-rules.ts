'use client';

import { useEffect, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';

interface RulesStatus {
  resourceRules?: { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[] }[];
  nonResourceRules?: { verbs: string[]; nonResourceURLs?: string[] }[];
  incomplete?: boolean;
  evaluationError?: string;
}

/** One rule as a row: what may be done to what. */
export interface Rule {
  verbs: string[];
  /** Empty for paths that are no resources. */
  groups: string[];
  targets: string[];
  /** Empty: objects of any name. */
  names: string[];
}

export interface Rules {
  rules: Rule[];
  /** The cluster says that there may be more, e.g. because an authorizer cannot list its rules. */
  isIncomplete: boolean;
  /** Why, in the cluster's words. */
  problem: string | undefined;
}

/** The rules that hold for the user in a namespace (SelfSubjectRulesReview), read again when `round` changes. */
export function useRules(
  cluster: string,
  namespace: string,
  round: number,
): { rules?: Rules; error?: ApiErrorJson } {
  const [state, setState] = useState<{ of: string; rules?: Rules; error?: ApiErrorJson }>({ of: '' });
  const of = `${cluster}/${namespace}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    if (!namespace) return;
    const abort = new AbortController();
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    };
    callApi<{ status?: RulesStatus }>(cluster, REVIEWS, { method: 'POST', body, signal: abort.signal }).then(
      (reply) => setState({ of, rules: readRules(reply.body?.status ?? {}) }),
      (error: unknown) => {
        if (error instanceof ApiError) setState({ of, error: error.toJSON() });
      },
    );
    return () => abort.abort();
  }, [cluster, namespace, of, round]);
  return state.of === of ? state : {};
}

function readRules({ resourceRules, nonResourceRules, incomplete, evaluationError }: RulesStatus): Rules {
  const rules = [
    ...(resourceRules ?? []).map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      groups: apiGroups ?? [],
      targets: resources ?? [],
      names: resourceNames ?? [],
    })),
    ...(nonResourceRules ?? []).map(({ verbs, nonResourceURLs }) => ({
      verbs,
      groups: [],
      targets: nonResourceURLs ?? [],
      names: [],
    })),
  ];
  // Several bindings may give the same rule.
  const unique = [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
  return { rules: unique, isIncomplete: incomplete === true, problem: evaluationError };
}
