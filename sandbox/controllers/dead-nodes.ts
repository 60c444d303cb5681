/** The nodes that are cut off, as by a pulled plug: nothing on them acts, answers or reports. */
export class DeadNodes {
  private readonly names = new Set<string>();
  private readonly listeners = new Set<(name: string, dead: boolean) => void>();

  has(name: string | undefined): boolean {
    return name !== undefined && this.names.has(name);
  }

  /** Cuts a node off, or lets it boot again. */
  set(name: string, dead: boolean): void {
    if (dead === this.names.has(name)) return;
    if (dead) this.names.add(name);
    else this.names.delete(name);
    for (const listener of this.listeners) listener(name, dead);
  }

  /** Calls back when a node dies and when it boots again. Returns the way to stop. */
  watch(listener: (name: string, dead: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
