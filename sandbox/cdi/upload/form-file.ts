const BOUNDARY = /^multipart\/[^;]+;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;]+))/i;
const FORM_NAME = /^content-disposition:\s*form-data\s*;(?:[^\r\n]*;)?\s*name=(?:"([^"]*)"|([^\s;"]+))/im;
/** Go's reader takes no more either. */
const HEADER_LIMIT_BYTES = 64 * 1024;

/** What was sent is no form, or has no part called `file`. */
export class FormError extends Error {}

/**
 * The bytes of the part `file` of a form (RFC 7578) as they come in; whatever stands before it is passed over, and what
 * comes behind it is left unread.
 * @throws FormError, or Error when the form ends in the middle of the part
 */
export async function* formFile(
  contentType: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const found = BOUNDARY.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw new FormError("request Content-Type isn't multipart/form-data");
  const chunks = body[Symbol.asyncIterator]();
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter need not follow a line.
  let rest: Buffer = Buffer.from('\r\n');
  const more = async () => {
    const { value, done } = await chunks.next();
    if (done) return false;
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    return true;
  };
  /** Hands on what stands before the next delimiter; false when there is none. */
  async function* upToDelimiter(): AsyncGenerator<Buffer, boolean, undefined> {
    for (;;) {
      const at = rest.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield rest.subarray(0, at);
        rest = rest.subarray(at + delimiter.length);
        return true;
      }
      // The end may be the beginning of a delimiter.
      const sure = rest.length - delimiter.length + 1;
      if (sure > 0) {
        yield rest.subarray(0, sure);
        rest = rest.subarray(sure);
      }
      if (!(await more())) return false;
    }
  }
  for (;;) {
    const part = upToDelimiter();
    let step = await part.next();
    while (!step.done) step = await part.next();
    if (!step.value) throw new FormError('multipart: NextPart: EOF');
    const name = await partName(() => rest, more);
    if (name === undefined) throw new FormError('EOF');
    rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4);
    if (name === 'file') break;
  }
  const whole = yield* upToDelimiter();
  if (!whole) throw new Error('unexpected EOF');
}

/** The name of the part whose headers begin; undefined behind the last one. */
async function partName(rest: () => Buffer, more: () => Promise<boolean>): Promise<string | undefined> {
  for (;;) {
    if (rest().subarray(0, 2).toString() === '--') return undefined;
    const end = rest().indexOf('\r\n\r\n');
    if (end >= 0) {
      const found = FORM_NAME.exec(rest().subarray(0, end).toString());
      return found?.[1] ?? found?.[2] ?? '';
    }
    if (rest().length > HEADER_LIMIT_BYTES) throw new FormError('multipart: message too large');
    if (!(await more())) throw new FormError('multipart: NextPart: EOF');
  }
}
