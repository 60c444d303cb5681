import { invalid, type StatusCause } from './errors';

const EXACT = 'Exact';
const NOT_OLDER = 'NotOlderThan';

/** Which of a list's or a watch's parameters exclude each other (ValidateListOptions). @throws ApiError 422 */
export function checkListOptions(query: URLSearchParams, watching: boolean): void {
  const causes = watching ? watchCauses(query) : listCauses(query);
  if (causes.length > 0) throw invalid('ListOptions', 'meta.k8s.io', '', causes);
}

function listCauses(query: URLSearchParams): StatusCause[] {
  const causes: StatusCause[] = [];
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  if (match) {
    if (!version)
      causes.push(forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (query.get('continue')) {
      causes.push(forbidden('resourceVersionMatch is forbidden when continue is provided'));
    }
    if (match !== EXACT && match !== NOT_OLDER) causes.push(unsupported(match, [EXACT, NOT_OLDER, '']));
    if (match === EXACT && version === '0') {
      causes.push(forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (query.get('sendInitialEvents') !== null) {
    causes.push(forbidden('sendInitialEvents is forbidden for list', 'sendInitialEvents'));
  }
  return causes;
}

function watchCauses(query: URLSearchParams): StatusCause[] {
  const causes: StatusCause[] = [];
  const match = query.get('resourceVersionMatch') ?? '';
  const streaming = query.get('sendInitialEvents') !== null;
  if (streaming && match !== NOT_OLDER) {
    causes.push(forbidden(`sendInitialEvents requires setting resourceVersionMatch to ${NOT_OLDER}`));
  }
  if (!match) return causes;
  if (!streaming) {
    causes.push(
      forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    );
  }
  if (match !== NOT_OLDER) causes.push(unsupported(match, [NOT_OLDER]));
  if (query.get('continue')) {
    causes.push(forbidden('resourceVersionMatch is forbidden when continue is provided'));
  }
  return causes;
}

function forbidden(why: string, field = 'resourceVersionMatch'): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field };
}

function unsupported(value: string, supported: string[]): StatusCause {
  const list = supported.map((name) => JSON.stringify(name)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
    field: 'resourceVersionMatch',
  };
}
