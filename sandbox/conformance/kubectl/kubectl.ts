import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestSandbox } from '../../testing';
import { eventually } from '../operation';

const CALL_LIMIT_MS = 60_000;

export interface Said {
  code: number;
  out: string;
  err: string;
}

export interface Program {
  /** The program, by name or path. */
  command: string;
  /** Like `v1.32.4`. */
  version: string;
  /** 32 of 1.32. */
  minor: number;
}

/** The kubectl of that name; undefined when there is none. */
export function findKubectl(command: string): Program | undefined {
  const { status, stdout } = spawnSync(command, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const { gitVersion, minor } = JSON.parse(stdout).clientVersion;
  return { command, version: gitVersion, minor: Number.parseInt(minor, 10) };
}

/** kubectl in a namespace of its own, and the cluster that it is used on, to see what it did. */
export class Kubectl {
  private files = 0;

  private constructor(
    private readonly program: Program,
    readonly sandbox: TestSandbox,
    private readonly home: string,
    readonly namespace: string,
    private readonly words: string[] = [],
  ) {}

  /** One for the cluster, from which `in` makes those for the operations. */
  static async open(program: Program, sandbox: TestSandbox): Promise<Kubectl> {
    const home = await mkdtemp(path.join(tmpdir(), 'portlight-kubectl-'));
    return new Kubectl(program, sandbox, home, 'default');
  }

  async in(namespace: string): Promise<Kubectl> {
    await this.sandbox.createNamespace(namespace);
    return new Kubectl(this.program, this.sandbox, this.home, namespace, ['--namespace', namespace]);
  }

  async close(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }

  get minor(): number {
    return this.program.minor;
  }

  /** Where it may leave things. */
  get directory(): string {
    return path.join(this.home, this.namespace);
  }

  /** Runs it whatever comes of it. */
  try(words: string[], { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {}) {
    return new Promise<Said>((resolve) => {
      const child = execFile(
        this.program.command,
        [...this.words, ...words],
        { env: this.env(env), timeout: CALL_LIMIT_MS },
        (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
      );
      child.stdin?.end(input);
    });
  }

  /** Runs it, must succeed; what it wrote. */
  async do(...words: string[]): Promise<string> {
    const { code, out, err } = await this.try(words);
    assert.equal(code, 0, `kubectl ${words.join(' ')}: ${err}`);
    return out;
  }

  /** Runs it, must fail; what it said about it. */
  async refused(...words: string[]): Promise<string> {
    const { code, out, err } = await this.try(words);
    assert.notEqual(code, 0, `kubectl ${words.join(' ')} succeeded: ${out}`);
    return err;
  }

  /** Runs it until `enough` is true of the lines that it wrote so far, then ends it. */
  async follow(
    words: string[],
    enough: (lines: string[]) => boolean | Promise<boolean>,
    stream: 'stdout' | 'stderr' = 'stdout',
  ): Promise<string[]> {
    // A group of its own, so that a wrapper's child ends with it.
    const child = spawn(this.program.command, [...this.words, ...words], { env: this.env(), detached: true });
    const limit = setTimeout(() => end(child), CALL_LIMIT_MS);
    const lines: string[] = [];
    let complaint = '';
    child.stderr.on('data', (piece) => {
      complaint += piece;
    });
    try {
      for await (const line of createInterface(child[stream])) {
        lines.push(line);
        if (await enough(lines)) return lines;
      }
    } finally {
      clearTimeout(limit);
      end(child);
    }
    throw new assert.AssertionError({
      message: `kubectl ${words.join(' ')} ended after ${JSON.stringify(lines)}: ${complaint}`,
    });
  }

  /** A file with this object, or with a List of these; its path. */
  async file(content: object | string): Promise<string> {
    this.files += 1;
    const file = path.join(this.home, `${this.namespace}-${this.files}.json`);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  /** Asks the cluster itself; undefined when it has no such thing. `{ns}` stands for the namespace. */
  // biome-ignore lint/suspicious/noExplicitAny: operations look into objects of every kind.
  async get(where: string): Promise<any> {
    const { status, body } = await this.sandbox.ask('GET', where.replace('{ns}', this.namespace));
    return status === 200 ? body : undefined;
  }

  /** Creates something behind kubectl's back. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async put(where: string, object: object): Promise<any> {
    const { status, body } = await this.sandbox.ask('POST', where.replace('{ns}', this.namespace), object);
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  /** Looks until the object is as wanted. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  until(where: string, isRight: (object: any) => unknown): Promise<any> {
    return eventually(async () => {
      const found = await this.get(where);
      return found && isRight(found) ? found : undefined;
    }, where);
  }

  private env(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    // Its cache lies under HOME. No other configuration may lead elsewhere.
    const kubeconfig = path.join(this.sandbox.directory, 'kubeconfig');
    return { ...process.env, KUBECONFIG: kubeconfig, HOME: this.home, ...more };
  }
}

function end({ pid }: ChildProcess): void {
  try {
    if (pid) process.kill(-pid);
  } catch {
    // It ended by itself.
  }
}
