import { PassThrough, Readable } from 'node:stream';
import type { PodLogOptions } from '../api/pod-log-call';

/** One line of a log and when it was printed, in milliseconds. */
export interface LogLine {
  at: number;
  text: string;
}

type Shape = Pick<PodLogOptions, 'timestamps' | 'tailLines' | 'sinceMs' | 'limitBytes'>;

/** The bytes that a kubelet sends of lines that are there: since when, the last of them, no more than so much. */
export function shapeLog(lines: readonly LogLine[], { timestamps, tailLines, sinceMs, limitBytes }: Shape) {
  const recent = sinceMs === undefined ? lines : lines.filter(({ at }) => at >= sinceMs);
  const kept = tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
  const text = Buffer.from(kept.map((line) => `${printed(line, timestamps)}\n`).join(''));
  return limitBytes === undefined ? text : text.subarray(0, limitBytes);
}

/** A line as it is sent; with a time in nanoseconds in front if wanted. */
export function printed({ at, text }: LogLine, timestamps: boolean): string {
  return timestamps ? `${new Date(at).toISOString().slice(0, -1)}000000Z ${text}` : text;
}

/** What is there and, while followed, what comes: `follow` hands over new lines until its result is called. */
export function logStream(
  lines: readonly LogLine[],
  options: PodLogOptions,
  follow: (take: (line: LogLine) => void) => () => void,
): Readable {
  const past = shapeLog(lines, options);
  if (!options.follow) return Readable.from(past.length > 0 ? [past] : []);
  const log = new PassThrough();
  let left = options.limitBytes === undefined ? Number.POSITIVE_INFINITY : options.limitBytes - past.length;
  log.write(past);
  const stop = follow((line) => {
    const bytes = Buffer.from(`${printed(line, options.timestamps)}\n`);
    log.write(bytes.length > left ? bytes.subarray(0, left) : bytes);
    left -= bytes.length;
    if (left <= 0) log.end();
  });
  log.once('close', stop);
  return log;
}
