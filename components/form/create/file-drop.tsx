'use client';

import { type DragEvent, type ReactNode, useState } from 'react';
import styles from '../form.module.css';

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

/** Takes files that are dropped on its children. The same can be done with the button beside it. */
export function FileDrop({
  children,
  onFiles,
}: {
  children: ReactNode;
  onFiles: (files: Iterable<File>) => void;
}) {
  const [isOver, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a target for the mouse beside the upload button
    <div
      className={styles.drop}
      data-over={isOver || undefined}
      onDragOverCapture={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) setOver(false);
      }}
      // Captured: the editor would insert the file where it is dropped, in the middle of a document.
      onDropCapture={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        onFiles(event.dataTransfer.files);
      }}
    >
      {children}
    </div>
  );
}
