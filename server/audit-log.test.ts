import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AuditEntry, AuditLog, auditLine, describeTarget, outcomeOf } from './audit-log';

const entry: AuditEntry = { event: 'write', outcome: 'allowed', code: 200, address: '192.0.2.1' };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const linesOf = (file: string) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];

describe('auditLine', () => {
  it('is one line whatever is written into it, and no longer than it needs to be', () => {
    const line = auditLine(
      { ...entry, name: `a\n{"event":"forged"}\u2028${'x'.repeat(5_000)}` },
      new Date(0),
    );
    expect(line.split('\n')).toHaveLength(2);
    expect(line.length).toBeLessThan(500);
    expect(JSON.parse(line)).toMatchObject({ time: '1970-01-01T00:00:00.000Z', event: 'write', code: 200 });
  });

  it('leaves out what there is not', () => {
    expect(auditLine({ ...entry, user: undefined, namespace: '' }, new Date(0))).toBe(
      '{"time":"1970-01-01T00:00:00.000Z","event":"write","outcome":"allowed","code":200,"address":"192.0.2.1"}\n',
    );
  });
});

describe('describeTarget', () => {
  it('names the object, and no query', () => {
    const target = {
      cluster: 'lab',
      path: '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines/web',
      query: '?dryRun=All&token=secret',
    };
    const described = describeTarget('PATCH', target);
    expect(described).toEqual({
      cluster: 'lab',
      method: 'PATCH',
      verb: 'patch',
      group: 'kubevirt.io',
      resource: 'virtualmachines',
      subresource: '',
      namespace: 'dev',
      name: 'web',
      dryRun: true,
    });
    expect(describeTarget('POST', { cluster: 'lab', path: '/version', query: '?a=secret' })).toEqual({
      cluster: 'lab',
      method: 'POST',
      verb: 'post',
      path: '/version',
    });
  });

  it('tells a refusal from a failure', () => {
    expect([101, 200, 304, 401, 409, 503].map(outcomeOf)).toEqual([
      'allowed',
      'allowed',
      'allowed',
      'refused',
      'refused',
      'failed',
    ]);
  });
});

describe('AuditLog', () => {
  it('appends, for its owner only, and follows a file that is moved away', async () => {
    const file = path.join(folder, 'audit.log');
    const log = new AuditLog(file);
    log.write(entry);
    await vi.waitFor(() => expect(linesOf(file)).toHaveLength(1));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    renameSync(file, `${file}.1`);
    log.reopen();
    log.write({ ...entry, code: 201 });
    await log.close();
    expect(linesOf(`${file}.1`).map(({ code }) => code)).toEqual([200]);
    expect(linesOf(file).map(({ code }) => code)).toEqual([201]);
    const again = new AuditLog(file);
    again.write({ ...entry, code: 202 });
    await again.close();
    expect(linesOf(file).map(({ code }) => code)).toEqual([201, 202]);
  });

  it('keeps a bounded number of lines for a reader that stands still, and says how many it lost', () => {
    const written: string[] = [];
    let release: (() => void) | undefined;
    const sink = new Writable({
      decodeStrings: false,
      write: (chunk: string, _, done) => {
        written.push(chunk);
        if (release) done();
        else release = done;
      },
    });
    const log = new AuditLog('x', undefined, () => sink);
    const big = { ...entry, name: 'n'.repeat(256), user: 'u'.repeat(256) };
    for (let round = 0; round < 20_000; round += 1) log.write(big);
    expect(sink.writableLength).toBeLessThan(6 * 1024 * 1024);
    release?.();
    return vi.waitFor(() => {
      expect(sink.writableLength).toBe(0);
      log.write(entry);
      const lost = written.map((line) => JSON.parse(line)).filter(({ event }) => event === 'lost');
      expect(lost).toHaveLength(1);
      const lines = written.filter((line) => line.includes('"user"')).length;
      expect(lines + lost[0].count).toBe(20_000);
    });
  });

  it('says that it cannot write, once, and does not take the server with it', async () => {
    const said: string[] = [];
    const log = new AuditLog(path.join(folder, 'no', 'such', 'file'), (sentence) => said.push(sentence));
    log.write(entry);
    await vi.waitFor(() => expect(said).toHaveLength(1));
    for (let round = 0; round < 10; round += 1) log.write(entry);
    expect(said[0]).toMatch(/cannot be written \(ENOENT\)/);
    expect(said).toHaveLength(1);
  });
});
