import { describe, expect, it } from 'vitest';
import { requestInfo } from './request-info';

const VMS = '/apis/kubevirt.io/v1';
const SUB = '/apis/subresources.kubevirt.io/v1';

/** verb, group, resource, subresource, namespace, name */
function brief(method: string, path: string, query = ''): string {
  const { verb, isResource, group, resource, subresource, namespace, name } = requestInfo(
    method,
    path,
    query,
  );
  return isResource ? [verb, group, resource, subresource, namespace, name].join(' ') : verb;
}

describe('requestInfo', () => {
  it.each([
    ['GET', `${VMS}/namespaces/dev/virtualmachines`, '', 'list kubevirt.io virtualmachines  dev '],
    ['GET', `${VMS}/virtualmachines`, '?watch=1', 'watch kubevirt.io virtualmachines   '],
    ['GET', `${VMS}/virtualmachines`, '?watch=true', 'watch kubevirt.io virtualmachines   '],
    ['GET', `${VMS}/virtualmachines`, '?watch=false', 'list kubevirt.io virtualmachines   '],
    ['GET', `${VMS}/virtualmachines`, '?watch', 'watch kubevirt.io virtualmachines   '],
    ['GET', '/api/v1/namespaces/dev/pods', '?fieldSelector=metadata.name%3Dweb', 'list  pods  dev web'],
    ['HEAD', `${VMS}/namespaces/dev/virtualmachines/web`, '', 'get kubevirt.io virtualmachines  dev web'],
    ['POST', `${VMS}/namespaces/dev/virtualmachines`, '', 'create kubevirt.io virtualmachines  dev '],
    [
      'PUT',
      `${SUB}/namespaces/dev/virtualmachines/web/start`,
      '',
      'update subresources.kubevirt.io virtualmachines start dev web',
    ],
    [
      'GET',
      `${SUB}/namespaces/dev/virtualmachineinstances/web/vnc`,
      '',
      'get subresources.kubevirt.io virtualmachineinstances vnc dev web',
    ],
    [
      'GET',
      `${SUB}/namespaces/dev/virtualmachineinstances/web/portforward/22/tcp`,
      '',
      'get subresources.kubevirt.io virtualmachineinstances portforward dev web',
    ],
    [
      'PATCH',
      `${VMS}/namespaces/dev/virtualmachines/web/status`,
      '',
      'patch kubevirt.io virtualmachines status dev web',
    ],
    [
      'DELETE',
      `${VMS}/namespaces/dev/virtualmachines`,
      '',
      'deletecollection kubevirt.io virtualmachines  dev ',
    ],
    [
      'DELETE',
      `${VMS}/namespaces/dev/virtualmachines/web`,
      '',
      'delete kubevirt.io virtualmachines  dev web',
    ],
    ['GET', '/api/v1/namespaces', '', 'list  namespaces   '],
    ['GET', '/api/v1/namespaces/dev', '', 'get  namespaces  dev dev'],
    ['PUT', '/api/v1/namespaces/dev/finalize', '', 'update  namespaces finalize dev dev'],
    ['GET', '/api/v1/watch/namespaces/dev/pods', '', 'watch  pods  dev '],
    [
      'GET',
      '/api/v1/namespaces/dev/services/http:web:80/proxy/a/b',
      '',
      'get  services proxy dev http:web:80',
    ],
    [
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node%3Aa',
      '',
      'get rbac.authorization.k8s.io clusterroles   system:node:a',
    ],
    ['GET', '/api/v1/nodes/', '', 'list  nodes   '],
  ])('%s %s%s', (method, path, query, expected) => {
    expect(brief(method, path, query)).toBe(expected);
  });

  it.each([
    '/',
    '/version',
    '/api',
    '/apis',
    '/api/v1',
    '/apis/kubevirt.io/v1',
    '/openapi/v3',
    '/healthz/ping',
  ])('knows that %s is no resource', (path) => expect(brief('GET', path)).toBe('get'));
});
