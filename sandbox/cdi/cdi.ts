import type { ClusterApi, KubeObject } from '../api/objects';
import { CdiConfigs } from './cdi-config';
import { DataImportCrons } from './data-import-crons';
import { DataSources } from './data-sources';
import { DataVolumes } from './data-volumes';
import { CDI_NAMESPACE } from './names';
import { Populator } from './populator';
import type { RegistryImages } from './registry-image';
import { StorageProfiles } from './storage-profiles';
import type { UploadProxy } from './upload/upload-proxy';

interface Deployment extends KubeObject {
  spec?: { replicas?: number };
}

interface Part {
  close(): void;
}

/** CDI's controllers, which run as long as its Deployment asks for them: scaled to nothing, its kinds are mere objects. */
export class Cdi {
  private parts: Part[] = [];
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly uploadProxy: UploadProxy,
    private readonly images: RegistryImages,
  ) {
    this.stop = cluster.watch<Deployment>('deployments.apps', ({ type, object }) => {
      const { namespace, name } = object.metadata;
      if (namespace !== CDI_NAMESPACE || name !== 'cdi-deployment') return;
      const wanted = type !== 'DELETED' && (object.spec?.replicas ?? 1) > 0;
      if (wanted && this.parts.length === 0) this.start();
      else if (!wanted) this.end();
    });
  }

  close(): void {
    this.stop();
    this.end();
  }

  private start(): void {
    const { cluster, images, uploadProxy } = this;
    this.parts = [
      new StorageProfiles(cluster),
      new DataVolumes(cluster),
      new Populator(cluster),
      new DataSources(cluster),
      new DataImportCrons(cluster, images),
      new CdiConfigs(cluster, uploadProxy),
    ];
  }

  private end(): void {
    for (const part of this.parts) part.close();
    this.parts = [];
  }
}
