import { kubectlChapters } from './kubectl/all';
import type { Column, Section } from './table';
import { sectionText } from './table';

const DOCUMENT_HEAD = `# Conformance of the sandbox

What clients that nobody here wrote do with the sandbox, each operation with a proof: its effect is looked up through the API, or the refusal is compared word by word. A difference from a real cluster is proven likewise, so that this table cannot promise more or less than there is.

- ✓ as on a real cluster
- differs: see the last column; the test expects exactly this
- – this version of the client does not know the operation
- ✗ failed when the table was written

The machines are mere states here (\`PORTLIGHT_SANDBOX_GUESTS=off\`).

The operations stand in \`sandbox/conformance/\`; \`npm run contract -- sandbox/conformance\` runs them with the kubectl that is installed (\`PORTLIGHT_KUBECTL\` names another). To write this document anew, with as many versions of kubectl as there are at hand:

\`\`\`sh
node tools/run.mjs sandbox/conformance/write-table.ts kubectl PATH-OF-ANOTHER-KUBECTL
\`\`\`
`;

/** The whole document. Without columns it only says which operations there are. */
export function documentText(columns: Record<ClientName, Column[]>): string {
  const texts = SECTIONS.map((section) => section(columns));
  return [DOCUMENT_HEAD.trimEnd(), ...texts].join('\n\n').concat('\n');
}

export type ClientName = 'kubectl';

const SECTIONS: ((columns: Record<ClientName, Column[]>) => string)[] = [
  ({ kubectl }) =>
    section({
      title: 'kubectl',
      introduction: versions(kubectl, 'Debian 12 has 1.20.'),
      chapters: kubectlChapters,
      columns: kubectl,
    }),
];

function section<Client>(of: Section<Client>): string {
  return sectionText(of);
}

const versions = (columns: Column[], more: string) =>
  `Run with ${columns.map(({ title }) => title).join(' and ')}. ${more}`;
