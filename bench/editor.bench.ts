import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { stringify } from 'yaml';
import { smallVm } from '../e2e/manifests/vm';
import { Registry } from '../sandbox/api/custom/registry';
import { RESOURCES } from '../sandbox/api/resources';
import { createOpenApi } from '../sandbox/api/schema/openapi';
import { launchBrowser } from './support/browser';
import type { EditorBench, EditorFigures } from './support/editor-page';
import {
  describeMachine,
  enterGoal,
  gate,
  latency,
  median,
  quantile,
  spread,
  surroundings,
} from './support/figures';

const ROUNDS = Number(process.env.PORTLIGHT_BENCH_ROUNDS ?? 5);
const WALKS = 40;
const GROUP = 'apis/kubevirt.io/v1';

/**
 * The YAML editor against the full description of VirtualMachine, in a real browser: the first completion, completions
 * over a whole text, the schemas' check. Floors in the same page: the parser of YAML alone over the same text, and
 * `JSON.parse` of the description. PORTLIGHT_BENCH_OPENAPI names a description of another cluster (the body of
 * `kubectl get --raw /openapi/v3/apis/kubevirt.io/v1`).
 */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const file = process.env.PORTLIGHT_BENCH_OPENAPI;
  const own = createOpenApi(new Registry(RESOURCES)).document(GROUP)?.text ?? '';
  const schema = file ? readFileSync(file, 'utf8') : own;
  console.log(
    `description of kubevirt.io/v1 (${file ? 'as given' : 'the sandbox’s'}): ${kilobytes(schema)} kB, ${kilobytes(gzipSync(schema))} kB gzip`,
  );
  const withHelp = await scriptOf("import './bench/support/editor-page';");
  const plain = await scriptOf(
    "import { Editor } from './components/form/codemirror/editor'; globalThis.editor = Editor;",
  );
  const { text, cursor } = manifest();
  const server = await serve(withHelp, schema);
  const browser = await launchBrowser();
  const figures: EditorFigures[] = [];
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(server.url);
      const taken = await page.evaluate(
        ([content, at, walks]) =>
          (globalThis as unknown as { editorBench: EditorBench }).editorBench.run(content, at, walks),
        [text, cursor, WALKS] as const,
      );
      await context.close();
      figures.push(taken);
      console.log(
        `round ${round} (${surroundings()}): description ${taken.loadMs.toFixed(0)}, first ${taken.firstMs.toFixed(0)}, next ${taken.warmMs.toFixed(0)} ms, lint ${median(taken.lintMs).toFixed(2)}, parse ${median(taken.parseMs).toFixed(2)}, JSON ${median(taken.jsonMs).toFixed(1)} ms`,
      );
    }
  } finally {
    await browser.close();
    server.close();
  }
  gate(
    figures.every(({ options, problems }) => options > 20 && problems === 2),
    'a list of completions is short, or the two planted mistakes were not found',
  );
  report(figures, text);
  console.log(
    `scripts: editor ${kilobytes(gzipSync(plain))} kB gzip; with completion, documentation and checks ${kilobytes(gzipSync(withHelp))} kB gzip (the bench's own driver included)`,
  );
}

function report(figures: readonly EditorFigures[], text: string): void {
  const each = (read: (one: EditorFigures) => number) => figures.map(read);
  const first = each(({ firstMs }) => firstMs);
  enterGoal('first completion of a VirtualMachine ≤ 100 ms', spread(first, ' ms', 0), median(first) <= 100);
  const load = each(({ loadMs }) => loadMs);
  const overJson = each(({ loadMs, jsonMs }) => loadMs / median(jsonMs));
  console.log(
    `  the description before it, fetched and read: ${spread(load, ' ms', 0)}, ${spread(overJson, ' ×')} JSON.parse of it`,
  );
  console.log(
    `  later completions: ${spread(
      each(({ warmMs }) => warmMs),
      ' ms',
      0,
    )}, of which 50 ms are CodeMirror’s own delay`,
  );
  const all = figures.flatMap(({ completionsMs }) => completionsMs);
  enterGoal(
    `a completion anywhere in ${text.split('\n').length} lines, p99 ≤ 20 ms`,
    latency(all),
    quantile(all, 0.99) <= 20,
  );
  const ratio = each(({ lintMs, parseMs }) => median(lintMs) / median(parseMs));
  enterGoal(
    'check by schema ≤ 0.5 × the parser alone',
    `${spread(ratio, ' ×', 2)}; ${spread(
      each(({ lintMs }) => median(lintMs)),
      ' ms',
      2,
    )}`,
    median(ratio) <= 0.5,
  );
  const whole = each(({ reviewMs, parseMs }) => median(reviewMs) / median(parseMs));
  console.log(
    `  all problems of a text, read anew: ${spread(
      each(({ reviewMs }) => median(reviewMs)),
      ' ms',
      1,
    )}, ${spread(whole, ' ×', 2)} the parser alone`,
  );
}

/** A VM with twelve disks and two mistakes; the cursor is where the next device would stand. */
function manifest(): { text: string; cursor: number } {
  const vm = smallVm('default', 'web');
  const { spec } = vm.spec.template;
  for (let index = 0; index < 12; index += 1) {
    spec.domain.devices.disks.push({ name: `data-${index}`, disk: { bus: 'virtio' } });
    spec.volumes.push({
      name: `data-${index}`,
      containerDisk: { image: `quay.io/containerdisks/data:${index}` },
    });
  }
  const text = stringify(vm, { indentSeq: false })
    .replace('runStrategy: Always', 'runStrategie: Always')
    .replace('guest: 256Mi', 'guest: [256]')
    .replace('        devices:\n', '        devices:\n          \n');
  return {
    text,
    cursor: text.indexOf('        devices:\n          ') + '        devices:\n          '.length,
  };
}

async function scriptOf(contents: string): Promise<string> {
  const made = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    tsconfig: 'tsconfig.json',
    logLevel: 'error',
  });
  return made.outputFiles[0]?.text ?? '';
}

/** A page with the editor, and the part of a console's server that it asks. */
async function serve(script: string, schema: string): Promise<{ url: string; close: () => void }> {
  const address = `/openapi/v3/${GROUP}?hash=1`;
  const answers: Record<string, [type: string, body: string]> = {
    '/': ['text/html', '<!doctype html><title>bench</title><body><script src="/editor.js"></script>'],
    '/editor.js': ['text/javascript', script],
    '/schema.json': ['application/json', schema],
    '/api/k8s/bench/openapi/v3': [
      'application/json',
      JSON.stringify({ paths: { [GROUP]: { serverRelativeURL: address } } }),
    ],
    [`/api/k8s/bench${address}`]: ['application/json', schema],
    '/api/k8s/bench/api': ['application/json', '{"kind":"APIGroupDiscoveryList"}'],
    '/api/k8s/bench/apis': ['application/json', '{"kind":"APIGroupDiscoveryList"}'],
  };
  const server = createServer((request, response) => {
    const [type, body] = answers[request.url ?? ''] ?? [];
    response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

function kilobytes(content: string | Buffer): string {
  return (Buffer.byteLength(content) / 1_000).toFixed(0);
}
