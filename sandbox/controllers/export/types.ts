import type { KubeObject } from '../../api/objects';
import type { TypedReference } from '../snapshot/types';
import type { Condition } from '../types';

export const EXPORTS = 'virtualmachineexports.export.kubevirt.io';
/** The exports' own port, which the service leads to. */
export const EXPORTER_PORT = 8443;
/** On the exporter pod, for the service to find it. */
export const SERVICE_LABEL = 'kubevirt.io.virt-export-service';
/** What the certificates of an exporter were made by, in the pod's annotations. */
export const CERT_PARAMETERS = 'kubevirt.io/export.certParameters';
export const CONTENT_TYPE = 'cdi.kubevirt.io/storage.contentType';
/** The key of the Secret that holds an export's token. */
export const TOKEN_KEY = 'token';

export type ExportPhase = 'Pending' | 'Ready' | 'Terminated' | 'Skipped';

export interface VmExport extends KubeObject {
  spec: { source: TypedReference; tokenSecretRef?: string; ttlDuration?: string };
  status?: VmExportStatus;
}

export interface VmExportStatus {
  phase?: ExportPhase;
  serviceName?: string;
  tokenSecretRef?: string;
  ttlExpirationTime?: string;
  virtualMachineName?: string;
  conditions?: Condition[];
  links?: { internal?: ExportLink; external?: ExportLink };
}

export interface ExportLink {
  cert: string;
  volumes?: { name: string; formats: { format: ExportFormat; url: string }[] }[];
  manifests?: { type: string; url: string }[];
}

export type ExportFormat = 'raw' | 'gzip' | 'dir' | 'tar.gz';
