import type { KubeObject } from './objects';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface UserInfo {
  username: string;
  uid?: string;
  groups: string[];
  /** What the authenticator knows beyond that, e.g. the pod that a token is bound to. */
  extra?: Record<string, string[]>;
}

/** One write on its way to the store, after authorization and before anything is stored. */
export interface AdmissionRequest {
  /** Plural, e.g. `virtualmachines`. */
  resource: string;
  /** Empty for core. */
  group: string;
  /** The version that the request is made in. */
  version?: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** E.g. `status`; absent for the main resource. */
  subresource?: string;
  namespace?: string;
  /** The object as it would be stored; may be edited in place. For DELETE it is the stored object: look, don't edit. */
  object: KubeObject;
  /** The stored object, for UPDATE and DELETE. */
  oldObject?: KubeObject;
  user: UserInfo;
  fieldValidation: FieldValidation;
  /** What strict decoding found before the schema was asked, e.g. `duplicate field "spec.x"`. */
  strictFindings?: string[];
  /** The body was a patch: refusals under Strict blame this text, the patched object or the patch. */
  patched?: string;
  dryRun: boolean;
}

/** Defaulting and validation: structural schemas first, then what KubeVirt's webhooks do. */
export interface Admission {
  /**
   * Edits `request.object` in place and returns texts for `Warning: 299` headers.
   * @throws ApiError to refuse the write.
   */
  mutateAndValidate(request: AdmissionRequest): string[];
}
