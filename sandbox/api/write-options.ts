import type { FieldValidation } from './admission';
import type { ApiCall } from './api-call';
import { type ApiError, invalid, type StatusCause } from './errors';
import type { DeleteOptions } from './objects';
import { isRecord } from './patch';
import { parseObjectBody } from './request-body';
import { isTrue } from './request-path';

export interface WriteParameters {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  fieldManager: string;
  force: boolean;
  /** See AdmissionRequest. */
  strictFindings?: string[];
  /** See AdmissionRequest. */
  patched?: string;
}

const MANAGER_MAX = 128;
const POLICIES = ['Background', 'Foreground', 'Orphan'] as const;

/** The query parameters that every write understands. `kind` names the options object in refusals. @throws ApiError 422 */
export function writeParameters(call: ApiCall, kind: string): WriteParameters {
  const { query } = call;
  const causes: StatusCause[] = [];
  const dryRun = query.getAll('dryRun').filter(Boolean);
  for (const value of dryRun) if (value !== 'All') causes.push(unsupported('dryRun', value, ['All']));
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!isFieldValidation(fieldValidation)) {
    causes.push(unsupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  const named = query.get('fieldManager') ?? '';
  if (named.length > MANAGER_MAX) {
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${MANAGER_MAX} bytes`,
      field: 'fieldManager',
    });
  }
  if (causes.length > 0) throw invalid(kind, 'meta.k8s.io', '', causes);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: isFieldValidation(fieldValidation) ? fieldValidation : 'Warn',
    fieldManager: named || userAgentManager(call.headers['user-agent']),
    force: isTrue(query.get('force')),
  };
}

/** Body and query of a DELETE. @throws ApiError 400, 422 */
export function deleteOptions(call: ApiCall): DeleteOptions {
  const { query } = call;
  const body = call.body.length > 0 ? parseObjectBody(call) : {};
  const sent = isRecord(body) ? body : {};
  const options: DeleteOptions = {};
  const grace = sent.gracePeriodSeconds ?? query.get('gracePeriodSeconds');
  if (grace !== undefined && grace !== null) options.gracePeriodSeconds = Number(grace);
  const orphan = sent.orphanDependents ?? query.get('orphanDependents');
  const policy = sent.propagationPolicy ?? query.get('propagationPolicy');
  if (policy !== undefined && policy !== null && policy !== '')
    options.propagationPolicy = checkedPolicy(policy);
  else if (orphan !== undefined && orphan !== null)
    options.propagationPolicy = String(orphan) === 'true' ? 'Orphan' : 'Background';
  const dryRun = Array.isArray(sent.dryRun)
    ? sent.dryRun.map(String)
    : query.getAll('dryRun').filter(Boolean);
  if (dryRun.length > 0) options.dryRun = dryRun;
  const preconditions = sent.preconditions;
  if (isRecord(preconditions)) {
    const { uid, resourceVersion } = preconditions;
    options.preconditions = {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    };
  }
  return options;
}

function checkedPolicy(policy: unknown): (typeof POLICIES)[number] {
  const known = POLICIES.find((name) => name === policy);
  if (known) return known;
  const cause = {
    ...unsupported('propagationPolicy', String(policy), [...POLICIES]),
    reason: 'FieldValueInvalid',
  };
  const shown = `Invalid value: "${String(policy)}": must be one of: ${[...POLICIES].sort().join(', ')} or nil`;
  throw invalid('DeleteOptions', 'meta.k8s.io', '', [{ ...cause, message: shown }]);
}

function unsupported(field: string, value: string, supported: string[]): StatusCause {
  const list = supported.map((name) => JSON.stringify(name)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
    field,
  };
}

function isFieldValidation(value: string): value is FieldValidation {
  return value === 'Ignore' || value === 'Warn' || value === 'Strict';
}

/** The user agent up to its first slash, as kube-apiserver names writers that do not name themselves. */
function userAgentManager(agent: string | undefined): string {
  return (agent ?? '').split('/')[0]?.slice(0, MANAGER_MAX) || 'unknown';
}

/** 422 for server-side apply without a manager. */
export function managerRequired(): ApiError {
  return invalid('PatchOptions', 'meta.k8s.io', '', [
    {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    },
  ]);
}
