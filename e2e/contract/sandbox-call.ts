import { errorFromBody } from '@/lib/k8s/error';
import type { ApiRequest, callApi } from '@/lib/k8s/request';
import type { TestSandbox } from '@/sandbox/testing';

/** A sandbox asked as the browser asks a cluster, without the console's server between. */
export function callOf(sandbox: TestSandbox): typeof callApi {
  const call = async (_cluster: string, path: string, request: ApiRequest = {}) => {
    const { method = 'GET', body, query, contentType } = request;
    const where = query ? `${path}?${new URLSearchParams(query)}` : path;
    const answer = await sandbox.ask(method, where, body, contentType);
    if (answer.status >= 400) throw errorFromBody(answer.status, answer.text, { method, path });
    return { body: answer.body, warnings: [] };
  };
  // What comes back is whatever the caller says it is, as in `callApi`.
  return call as typeof callApi;
}
