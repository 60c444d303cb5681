interface Printed {
  metadata: Record<string, unknown> & { creationTimestamp: string };
  status?: { printableStatus?: string; phase?: string; conditions?: { type: string; status: string }[] };
}

const COLUMNS = ['Name', 'Age', 'Status', 'Ready'].map((name) => ({
  name,
  type: name === 'Age' ? 'date' : 'string',
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority: 0,
}));

/** Objects as kubectl asks for them: the columns that KubeVirt prints, and whole metadata. */
export function asTable(objects: Buffer[], metadata: object, withColumns = true): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? COLUMNS : null,
    rows: objects.map((text) => {
      const object = JSON.parse(text.toString()) as Printed;
      const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '';
      const status = object.status?.printableStatus ?? object.status?.phase ?? '';
      const age = object.metadata.creationTimestamp;
      return {
        cells: [object.metadata.name, age, status, ready],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
      };
    }),
  };
}
