import type { KubeObject } from '../../api/objects';
import type { Condition } from '../types';

export const ENDPOINT_SLICES = 'endpointslices.discovery.k8s.io';
/** On a slice: the Service that it belongs to. */
export const SERVICE_NAME = 'kubernetes.io/service-name';

export interface ServicePort {
  name?: string;
  protocol?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
  appProtocol?: string;
}

export interface Service extends KubeObject {
  spec: {
    type?: string;
    clusterIP?: string;
    externalName?: string;
    selector?: Record<string, string>;
    ports?: ServicePort[];
    publishNotReadyAddresses?: boolean;
    sessionAffinity?: string;
  };
  status?: { loadBalancer?: object; conditions?: Condition[] };
}

export interface TargetRef {
  kind: string;
  namespace?: string;
  name: string;
  uid: string;
}

export interface EndpointPort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string;
}

export interface EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: TargetRef;
}

export interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: EndpointPort[];
}

export interface Endpoints extends KubeObject {
  subsets?: EndpointSubset[];
}

export interface SliceEndpoint {
  addresses: string[];
  conditions: { ready: boolean; serving: boolean; terminating: boolean };
  hostname?: string;
  nodeName?: string;
  targetRef?: TargetRef;
}

export interface EndpointSlice extends KubeObject {
  addressType: string;
  endpoints: SliceEndpoint[];
  ports: EndpointPort[];
}

export const isHeadless = ({ spec }: Service) => spec.clusterIP === 'None';
