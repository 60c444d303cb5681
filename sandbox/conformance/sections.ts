import { clientNodeChapters } from './client-node/all';
import { kubectlChapters } from './kubectl/all';
import { type Column, sectionText } from './table';
import { virtctlChapters } from './virtctl/all';

export const DOCUMENT = 'docs/sandbox-conformance.md';

const HEAD = `# Conformance of the sandbox

What clients do with the sandbox, each operation with a proof: its effect is looked up through the API, or the refusal is compared with the words expected. A difference from a real cluster is proven likewise, so that this table cannot promise more or less than there is.

- ✓ as on a real cluster
- differs: see the last column; the test expects exactly this
- – this version of the client does not know the operation
- ✗ failed when the table was written

The machines are mere states here (\`PORTLIGHT_SANDBOX_GUESTS=off\`).

The operations stand in \`sandbox/conformance/\`; \`npm run contract -- sandbox/conformance\` runs them with the kubectl that is installed (\`PORTLIGHT_KUBECTL\` names another). To write this document anew, or the sections of some clients, kubectl with as many versions as there are at hand:

\`\`\`sh
node tools/run.mjs sandbox/conformance/write-table.ts kubectl=kubectl kubectl=PATH-OF-ANOTHER client-node virtctl
\`\`\``;

/** Every client's section, by the client's name. Without columns a section only says which operations there are. */
export const SECTIONS = {
  kubectl: (columns: Column[]) =>
    sectionText({
      title: 'kubectl',
      introduction: 'The program itself, in the versions that head the columns. Debian 12 has 1.20.',
      chapters: kubectlChapters,
      columns,
    }),
  'client-node': (columns: Column[]) =>
    sectionText({
      title: '@kubernetes/client-node',
      introduction: 'The library that many consoles and operators in JavaScript are written with.',
      chapters: clientNodeChapters,
      columns,
    }),
  virtctl: (columns: Column[]) =>
    sectionText({
      title: 'virtctl',
      introduction:
        'The calls that each command makes, with its methods, paths, bodies and sub-protocols, and the answers read as it reads them. The program itself was not at hand.',
      chapters: virtctlChapters,
      columns,
    }),
};

export type ClientName = keyof typeof SECTIONS;
export const CLIENTS = Object.keys(SECTIONS) as ClientName[];

/** The document with these sections. */
export function documentText(sections: Record<ClientName, string>): string {
  return `${[HEAD, ...CLIENTS.map((client) => sections[client])].join('\n\n')}\n`;
}

/** The sections of a document as they stand there, in the order of the clients. */
export function sectionsOf(document: string): string[] {
  return document
    .split(/^(?=## )/m)
    .slice(1)
    .map((text) => text.trimEnd());
}
