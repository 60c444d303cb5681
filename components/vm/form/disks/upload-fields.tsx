'use client';

import { Button } from '@patternfly/react-core';
import { UploadIcon } from '@patternfly/react-icons';
import { useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import { isDnsSubdomain } from '@/lib/k8s/dns-name';
import { withValueAt, wordAt } from '@/lib/k8s/json';
import { DEFAULT_SIZE } from '@/lib/kinds/vm/form/boot-source';
import { IMAGE_HEAD_BYTES, imageFile, volumeSizeFor } from '@/lib/kinds/vm/form/image-file';
import { atLeast, newTemplate, sizeOf, withSize } from '@/lib/kinds/vm/form/volume-template';
import { uploads, useUploadGuard } from '@/lib/live/uploads/use-upload';
import { formatBytes } from '@/lib/units';
import { FormField } from '../form-field';
import { useVmForm } from '../vm-form';
import { ClaimFields } from './claim-fields';
import styles from './disks.module.css';
import { LineField } from './source-fields';

/** A volume that is made at once, before the VM: the file needs somewhere to go. */
const BLANK = newTemplate('', { kind: 'upload' }, DEFAULT_SIZE);

/** Chooses a file, and the volume that it goes into; sends it when it is asked to. */
export function UploadFields({
  id,
  cluster,
  namespace,
  isDisabled,
  onUploading,
}: {
  id: string;
  cluster: string;
  namespace: string;
  isDisabled: boolean;
  onUploading: (name: string) => void;
}) {
  const t = useText();
  const { draft } = useVmForm();
  useUploadGuard();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [least, setLeast] = useState<string>();
  const [volume, setVolume] = useState(BLANK);
  const [typed, setTyped] = useState<string>();
  const name = typed ?? `${wordAt(draft.vm, ['metadata', 'name']) || 'vm'}-image`;

  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    const head = new Uint8Array(await chosen.slice(0, IMAGE_HEAD_BYTES).arrayBuffer());
    const { virtualBytes, format } = imageFile(head, chosen.size);
    const needed = virtualBytes === undefined ? undefined : volumeSizeFor(virtualBytes);
    setLeast(needed);
    // A medium to install from is never written to; a system wants room.
    setVolume((before) =>
      withSize(before, format === 'iso' && needed ? needed : atLeast(sizeOf(before), needed)),
    );
  };
  const isReady = file !== undefined && isDnsSubdomain(name) && sizeOf(volume) !== '' && !isDisabled;
  const start = () => {
    if (!file) return;
    const object = {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      ...volume,
      metadata: {
        name,
        namespace,
        // Nothing uses the volume yet, so a class that waits for its consumer would wait for ever.
        annotations: { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' },
      },
    };
    void uploads.start(
      { cluster, namespace, name },
      withValueAt(object, ['spec', 'contentType'], 'kubevirt'),
      file,
    );
    onUploading(name);
  };
  return (
    <>
      <FormField
        id={`${id}-file`}
        label={t('disks.upload.file')}
        help={
          file
            ? t('disks.upload.chosen', { name: file.name, size: formatBytes(file.size) })
            : t('disks.upload.help')
        }
      >
        {(control) => (
          <>
            <Button
              variant="secondary"
              icon={<UploadIcon />}
              isDisabled={isDisabled}
              onClick={() => input.current?.click()}
            >
              {t(file ? 'disks.upload.another' : 'disks.upload.choose')}
            </Button>
            <input
              ref={input}
              id={control.id}
              type="file"
              hidden
              aria-label={t('disks.upload.file')}
              accept=".qcow2,.img,.raw,.iso,.vmdk,.gz,.xz,application/octet-stream"
              onChange={({ target }) => void take(target.files?.[0])}
            />
          </>
        )}
      </FormField>
      <LineField
        id={`${id}-volume`}
        label={t('disks.upload.name')}
        help={t('disks.upload.nameHelp', { namespace })}
        value={name}
        isDisabled={isDisabled}
        problem={isDnsSubdomain(name) ? undefined : 'disks.problem.name'}
        onChange={setTyped}
      />
      <ClaimFields
        id={`${id}-upload`}
        cluster={cluster}
        template={volume}
        least={least}
        isDisabled={isDisabled}
        onChange={setVolume}
      />
      <div className={styles.buttons}>
        <Button isDisabled={!isReady} onClick={start}>
          {t('disks.upload.start')}
        </Button>
      </div>
    </>
  );
}
