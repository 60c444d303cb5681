/** How a cluster does, as `GET /api/clusters` says it to everybody: nothing in it needs rights. */
export interface ClusterReport {
  name: string;
  /** `broken`: it cannot be used as configured; `silent`: nothing answers, or its certificate is not trusted. */
  state: 'answers' | 'silent' | 'broken';
  /** Why, in a sentence. */
  words?: string;
  /** As the cluster tells everybody who asks, e.g. v1.34.1; absent where it tells nobody. */
  kubernetes?: string;
}
