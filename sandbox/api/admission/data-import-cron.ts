import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import { parseCron } from '../cron';
import type { StatusCause } from '../errors';
import type { KubeObject } from '../objects';
import { deniedByCdi } from './cdi-webhook';

interface DataImportCron extends KubeObject {
  spec: {
    schedule?: string;
    managedDataSource?: string;
    importsToKeep?: number;
    garbageCollect?: string;
    template?: { spec?: { source?: { registry?: object; pvc?: object } } };
  };
}

const cause = (field: string, message: string, reason = 'FieldValueInvalid'): StatusCause => ({
  reason,
  message,
  field,
});

/** CDI's webhook for a DataImportCron. */
export function admitDataImportCron({ object, oldObject }: AdmissionRequest): string[] {
  const { spec } = object as DataImportCron;
  const old = oldObject as DataImportCron | undefined;
  const found =
    problemOf(spec) ?? (old && !isDeepStrictEqual(spec, old.spec) ? fixedProblem(spec, old.spec) : undefined);
  if (found) throw deniedByCdi('dataimportcron-validate.cdi.kubevirt.io', [found]);
  return [];
}

function problemOf(spec: DataImportCron['spec']): StatusCause | undefined {
  const { registry, pvc } = spec.template?.spec?.source ?? {};
  if (!registry && !pvc) return cause('spec.Template', 'Missing Data volume registry source');
  if (spec.schedule !== '' && !parseCron(spec.schedule ?? ''))
    return cause('spec.Schedule', 'Illegal cron schedule');
  if (spec.importsToKeep !== undefined && spec.importsToKeep < 0) {
    return cause('spec.ImportsToKeep', 'Illegal ImportsToKeep value');
  }
  if (spec.garbageCollect !== undefined && !['Outdated', 'Never'].includes(spec.garbageCollect)) {
    return cause('spec.GarbageCollect', 'Illegal GarbageCollect value');
  }
  return spec.managedDataSource
    ? undefined
    : cause('spec.ManagedDataSource', 'Illegal ManagedDataSource value');
}

/** What an import is made from stays; when and how many may change. */
function fixedProblem(spec: DataImportCron['spec'], old: DataImportCron['spec']): StatusCause | undefined {
  const same =
    isDeepStrictEqual(spec.template, old.template) && spec.managedDataSource === old.managedDataSource;
  return same
    ? undefined
    : cause('DataImportCron.Spec', 'Cannot update DataImportCron Spec', 'FieldValueDuplicate');
}
