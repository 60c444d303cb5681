/** One metric family as it is declared: its type, and one sentence about it. */
export type Declaration = readonly [type: 'counter' | 'gauge', help: string];

/** The media type of Prometheus' text format. */
export const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

/** Labels without a value are left out: to Prometheus they are the same. */
export type Labels = Readonly<Record<string, string | undefined>>;

/** Where those who know something put their samples. `Name` are the families that there are. */
export interface Sink<Name extends string> {
  add(name: Name, labels: Labels, value: number): void;
}

/**
 * Collects samples and writes them in Prometheus' text format: families by name, each with its declaration, and those
 * without samples left out, as client libraries do. Of two samples with the same labels the later one counts.
 */
export class Exposition<Name extends string> implements Sink<Name> {
  private readonly families = new Map<Name, Map<string, { labels: Labels; value: number }>>();

  constructor(private readonly declarations: Readonly<Record<Name, Declaration>>) {}

  add(name: Name, labels: Labels, value: number): void {
    if (!Number.isFinite(value)) return;
    const samples = this.families.get(name) ?? new Map<string, { labels: Labels; value: number }>();
    this.families.set(name, samples.set(labelText(labels), { labels, value }));
  }

  /** All samples, or those that somebody wants. */
  text(isWanted: (name: Name, labels: Labels) => boolean = () => true): string {
    const lines: string[] = [];
    for (const [name, samples] of [...this.families].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const wanted = [...samples].filter(([, { labels }]) => isWanted(name, labels));
      if (wanted.length === 0) continue;
      const [type, help] = this.declarations[name];
      lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`);
      for (const [labels, { value }] of wanted) lines.push(`${name}${labels} ${value}`);
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }
}

/** A label's name from one of Kubernetes: whatever Prometheus does not allow becomes an underscore. */
export function labelName(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}="${escapeValue(value)}"`],
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
