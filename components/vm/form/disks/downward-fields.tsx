'use client';

import { TextArea } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import type { JsonObject } from '@/lib/k8s/json';
import { downwardFields, downwardLines } from '@/lib/kinds/vm/form/downward-fields';
import { FormField } from '../form-field';

/** Which facts about the VM's pod the disk holds, a file a line. */
export function DownwardFields({
  id,
  value,
  onChange,
  isDisabled,
}: {
  id: string;
  value: unknown;
  onChange: (fields: JsonObject[]) => void;
  isDisabled: boolean;
}) {
  const t = useText();
  const lines = downwardLines(value);
  // A line on its way (`labels =`) shows as it is typed for as long as it means what stands in the manifest.
  const [typed, setTyped] = useState({ text: lines, means: lines });
  return (
    <FormField
      id={`${id}-downward`}
      label={t('disks.source.downwardAPI')}
      help={t('disks.kind.downwardHelp')}
    >
      {(control) => (
        <TextArea
          {...control}
          rows={3}
          resizeOrientation="vertical"
          value={typed.means === lines ? typed.text : lines}
          isDisabled={isDisabled}
          onChange={(_event, text) => {
            const fields = downwardFields(text, value);
            setTyped({ text, means: downwardLines(fields) });
            onChange(fields);
          }}
        />
      )}
    </FormField>
  );
}
