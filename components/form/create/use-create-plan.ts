'use client';

import { useCallback, useEffect, useMemo, useState } from 'react';
import { discoveryOf, type Found } from '@/lib/k8s/discovery';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { ACCESS } from '@/lib/kinds/abilities';
import { mayI } from '@/lib/live/use-access';
import { type Plan, planManifests, typeKey } from '@/lib/manifest/plan';
import { type Reading, readManifests } from '@/lib/manifest/read';
import { findNamespace, type NamespaceState } from './create-run';

const READ_AFTER_MS = 200;
/** Reading long texts takes a good part of a second: rather once more seldom. */
const LONG_TEXT = 200_000;
const READ_LONG_AFTER_MS = 1_000;

export interface CreatePlan {
  reading: Reading;
  plan: Plan;
  /** False while the text is being read or the cluster asked about it. */
  isSettled: boolean;
  /** What is known of the namespaces in `plan.namespaces`. */
  namespaces: ReadonlyMap<string, NamespaceState>;
  mayCreateNamespaces: boolean;
  /** Why the cluster could not be asked. */
  error: ApiErrorJson | undefined;
  /** Asks the cluster again. */
  refresh: () => void;
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** Reads a text as it is typed and works out, with the cluster's own discovery, what it would create where. */
export function useCreatePlan(cluster: string, text: string, defaultNamespace: string): CreatePlan {
  const settledText = useSettled(text);
  const reading = useMemo(() => readManifests(settledText), [settledText]);
  const [round, setRound] = useState(0);
  const [error, setError] = useState<ApiErrorJson>();
  const [found, setFound] = useState<ReadonlyMap<string, Found>>(NONE);
  const [namespaces, setNamespaces] = useState<ReadonlyMap<string, NamespaceState>>(NONE);
  const [mayCreateNamespaces, setMayCreate] = useState(true);

  // Typing changes the text all the time and what kinds it holds hardly ever.
  const types = JSON.stringify([...new Set(reading.manifests.map(typeKey))]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    return ask(
      types,
      (type) => {
        const [apiVersion = '', ...kind] = type.split(' ');
        return discoveryOf(cluster).find(apiVersion, kind.join(' '));
      },
      setFound,
      setError,
    );
  }, [cluster, types, round]);

  const plan = useMemo(
    () => planManifests(reading, found, defaultNamespace),
    [reading, found, defaultNamespace],
  );
  const needed = JSON.stringify(plan.namespaces);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    return ask(needed, (name) => lookFor(name, cluster), setNamespaces, setError);
  }, [cluster, needed, round]);

  useEffect(() => {
    let current = true;
    void mayI(cluster, '', ACCESS.createNamespace).then((may) => {
      if (current) setMayCreate(may);
    });
    return () => {
      current = false;
    };
  }, [cluster]);

  const isSettled =
    settledText === text &&
    reading.manifests.every((manifest) => found.has(typeKey(manifest))) &&
    plan.namespaces.every((name) => namespaces.has(name));
  const refresh = useCallback(() => {
    setError(undefined);
    setRound((before) => before + 1);
  }, []);
  return { reading, plan, isSettled, namespaces, mayCreateNamespaces, error, refresh };
}

/** Namespace editors may not list namespaces; what they name is tried as it is. */
async function lookFor(name: string, cluster: string): Promise<NamespaceState> {
  const mayList = await mayI(cluster, '', ACCESS.listNamespaces);
  return mayList ? findNamespace(name, { call: callApi, cluster }) : 'unknown';
}

/** Asks about each of a JSON list of words. Returns what makes the answers unwanted. */
function ask<Answer>(
  words: string,
  question: (word: string) => Promise<Answer>,
  setAnswers: (answers: ReadonlyMap<string, Answer>) => void,
  setError: (error: ApiErrorJson | undefined) => void,
): () => void {
  let current = true;
  const answers = (JSON.parse(words) as string[]).map(async (word) => [word, await question(word)] as const);
  Promise.all(answers).then(
    (known) => {
      if (!current) return;
      setAnswers(new Map(known));
      if (known.length > 0) setError(undefined);
    },
    (reason) => {
      if (current) setError(toJson(reason));
    },
  );
  return () => {
    current = false;
  };
}

function toJson(reason: unknown): ApiErrorJson {
  const error =
    reason instanceof ApiError
      ? reason
      : new ApiError(0, 'Unexpected', String(reason), { method: '', path: '' });
  return error.toJSON();
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(
      () => setSettled(text),
      text.length > LONG_TEXT ? READ_LONG_AFTER_MS : READ_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
