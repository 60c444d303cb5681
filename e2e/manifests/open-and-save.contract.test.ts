import { expect, it } from 'vitest';
import { editedObject, isChanged, openObject } from '@/components/form/object-edit';
import { readDocuments } from '@/lib/manifest/documents';
import { editOf, operationsOf } from '@/lib/manifest/edit';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { CORPUS } from './corpus';

/** As the API gives it back: with the fields that it adds. */
function stored(object: ManifestObject): ManifestObject {
  return {
    ...object,
    metadata: {
      ...(object.metadata as ManifestObject),
      uid: '0b6f6c1d-6f3f-4f39-9f9b-111111111111',
      resourceVersion: '42',
      creationTimestamp: '2024-05-01T10:00:00Z',
      managedFields: [{ manager: 'kubectl', operation: 'Update' }],
    },
    status: { printableStatus: 'Stopped' },
  };
}

it.each(CORPUS)('$name: opened and saved sends nothing', ({ text }) => {
  for (const object of readDocuments(text)?.objects ?? []) {
    const opened = stored(object);
    const edit = openObject(opened);
    expect(isChanged(edit)).toBe(false);
    const edited = editedObject(edit.text) ?? {};
    expect(editOf(opened, edited)).toEqual({ patch: {}, identity: [], unsent: [] });
    expect(operationsOf(opened, edited)).toEqual([]);
  }
});
