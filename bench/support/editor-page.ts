// Runs in the browser: the console's own editor on a page of nothing else, and what is measured of it.
import { startCompletion } from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import { parseAllDocuments } from 'yaml';
import { Editor } from '@/components/form/codemirror/editor';
import { helpExtensions } from '@/components/form/codemirror/help';
import { EditorHelp } from '@/components/form/schema/editor-help';
import { readManifests } from '@/lib/manifest/read';
import { lintManifests } from '@/lib/manifest/schema/lint';
import { schemaStoreOf } from '@/lib/manifest/schema/schema-store';

export interface EditorFigures {
  /** Fetching and reading the description, which an editor does when it opens a text of the kind. */
  loadMs: number;
  /** From the key press to the list in the document, in ms: the first with the description there, and a later one. */
  firstMs: number;
  warmMs: number;
  options: number;
  /** Each of many completions over all of the text. */
  completionsMs: number[];
  /** The schemas' walk over the text, and all that the problems of a text take. */
  lintMs: number[];
  reviewMs: number[];
  problems: number;
  /** Floors in the same page: the parser alone, and reading the description's JSON. */
  parseMs: number[];
  jsonMs: number[];
}

export interface EditorBench {
  run(text: string, cursor: number, rounds: number): Promise<EditorFigures>;
}

const words = () => ({ name: '', facts: '', description: '', lines: [] });

const bench: EditorBench = {
  async run(text, cursor, rounds) {
    const help = new EditorHelp('bench', 'default');
    const parent = document.body.appendChild(document.createElement('div'));
    const editor = new Editor({
      parent,
      content: text,
      label: 'bench',
      nonce: undefined,
      phrases: {},
      onType: () => undefined,
      onSave: () => undefined,
    });
    editor.setHelp(helpExtensions({ help, words, unknown: '', about: () => '' }));
    editor.reveal(cursor);
    const shown = async () => {
      const from = performance.now();
      editor.run((view: EditorView) => startCompletion(view));
      await until(() => document.querySelectorAll('.cm-tooltip-autocomplete li').length > 0);
      return performance.now() - from;
    };
    const store = schemaStoreOf('bench');
    const from = performance.now();
    await store.load('kubevirt.io/v1');
    const loadMs = performance.now() - from;
    const firstMs = await shown();
    const options = document.querySelectorAll('.cm-tooltip-autocomplete li').length;
    editor.reveal(cursor - 1);
    await until(() => document.querySelectorAll('.cm-tooltip-autocomplete li').length === 0);
    editor.reveal(cursor);
    const warmMs = await shown();

    const completionsMs: number[] = [];
    for (let at = 0; at < text.length; at += 7) {
      const from = performance.now();
      await help.suggest(text, at);
      completionsMs.push(performance.now() - from);
    }
    const schema = await (await fetch('/schema.json')).text();
    const reading = readManifests(text);
    const figures = {
      lintMs: [] as number[],
      reviewMs: [] as number[],
      parseMs: [] as number[],
      jsonMs: [] as number[],
    };
    let problems = 0;
    for (let round = 0; round < rounds; round += 1) {
      figures.lintMs.push(taking(() => (problems = lintManifests(reading, store.known).length)));
      figures.reviewMs.push(taking(() => lintManifests(readManifests(text), store.known)));
      figures.parseMs.push(taking(() => parseAllDocuments(text)));
      figures.jsonMs.push(taking(() => JSON.parse(schema)));
    }
    editor.close();
    return { loadMs, firstMs, warmMs, options, completionsMs, problems, ...figures };
  },
};

function taking(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve));
}

(globalThis as unknown as { editorBench: EditorBench }).editorBench = bench;
