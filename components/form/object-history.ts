import { sameJson } from '@/lib/k8s/patch';
import { rewriteDocuments } from '@/lib/manifest/documents';
import { withoutServerFields } from '@/lib/manifest/kubectl';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { writeManifest } from '@/lib/manifest/write';

/** An object as it once was, in this tab. */
export interface ObjectVersion {
  id: number;
  /** When it was seen here, in milliseconds since the epoch. */
  at: number;
  /** `saved` by this tab, or `seen` when others changed it. */
  what: 'opened' | 'seen' | 'saved';
  /** The manager that the server names, once it has been asked. */
  by: string;
  object: ManifestObject;
}

/** More than anybody looks through; the oldest but the first go. */
const MOST = 60;

type Listener = () => void;

/** The versions of one object that this tab has seen. Secrets come masked, as they are shown. */
export class ObjectHistory {
  #versions: readonly ObjectVersion[] = [];
  #count = 0;
  readonly #listeners = new Set<Listener>();

  get versions(): readonly ObjectVersion[] {
    return this.#versions;
  }

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keeps the object if more than its status and bookkeeping differs from the newest. Returns what was kept. */
  add(object: ManifestObject, what: 'seen' | 'saved', now = Date.now()): ObjectVersion | undefined {
    const last = this.#versions.at(-1);
    if (last && sameJson(withoutServerFields(last.object), withoutServerFields(object))) {
      // The watch may bring what a save has made before the save's own answer comes.
      if (what === 'saved' && last.what === 'seen') this.#replace(last.id, { what });
      return undefined;
    }
    this.#count += 1;
    const version: ObjectVersion = {
      id: this.#count,
      at: now,
      what: last ? what : 'opened',
      by: '',
      object,
    };
    const all = [...this.#versions, version];
    this.#set(all.length > MOST ? [...all.slice(0, 1), ...all.slice(all.length - MOST + 1)] : all);
    return version;
  }

  name(id: number, by: string): void {
    this.#replace(id, { by });
  }

  #replace(id: number, change: Partial<ObjectVersion>): void {
    this.#set(this.#versions.map((each) => (each.id === id ? { ...each, ...change } : each)));
  }

  #set(versions: readonly ObjectVersion[]): void {
    this.#versions = versions;
    for (const listener of this.#listeners) listener();
  }
}

const histories = new Map<string, ObjectHistory>();

/** The history of an object, as long as the tab lives; a new object of the same name has its own. */
export function historyOf(cluster: string, uid: string): ObjectHistory {
  const key = `${cluster} ${uid}`;
  const known = histories.get(key) ?? new ObjectHistory();
  histories.set(key, known);
  return known;
}

/**
 * The text that brings an object back to an earlier version: what the server keeps for itself stays as it is now, and
 * so do comments where they can.
 */
export function restoredText(text: string, now: ManifestObject, version: ManifestObject): string {
  const { status, ...rest } = now;
  const earlier = withoutServerFields(version);
  const own = isMapping(rest.metadata) ? rest.metadata : {};
  const kept = withoutServerFields({ metadata: own }).metadata;
  const serverOnly = Object.fromEntries(
    Object.entries(own).filter(([key]) => !(isMapping(kept) && key in kept)),
  );
  const metadata = { ...(isMapping(earlier.metadata) ? earlier.metadata : {}), ...serverOnly };
  const restored = { ...earlier, metadata, ...(status === undefined ? {} : { status }) };
  return rewriteDocuments(text, [restored]) ?? writeManifest(restored);
}
