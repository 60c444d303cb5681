/** What became of asking for the disk of a container disk. */
export type ImageDisk =
  | {
      kind: 'pulled';
      /** A file that is never written: others read it as well. */
      path: string;
      format: 'raw' | 'qcow2';
      /** Of the image's manifest, `sha256:…`. */
      digest: string;
      /** The disk's size as a guest sees it. */
      bytes: number;
      /** The image's size as it is transferred. */
      imageBytes: number;
      /** Nothing was transferred: it was here already. */
      cached: boolean;
    }
  | {
      kind: 'unanswered';
      /** A sentence without its full stop. */
      why: string;
      /** The image is one that the nodes came with: nobody was asked. */
      preloaded?: boolean;
    }
  | {
      kind: 'failed';
      /** In containerd's words; where the image is here and has no disk, in virt-handler's. */
      message: string;
      /** What failed: to get the image, or to find its disk. */
      stage: 'pull' | 'disk';
    };
