import { describe, expect, it } from 'vitest';
import { FormError, formFile } from './form-file';

const TYPE = 'multipart/form-data; boundary=cut';
const FORM = [
  'preamble\r\n--cut\r\nContent-Disposition: form-data; name="note"\r\n\r\n--cu is no delimiter\r\n',
  '--cut\r\nContent-Disposition: form-data; name="file"; filename="disk.img"\r\n',
  'Content-Type: application/octet-stream\r\n\r\n',
  'first\r\n--cu\r\nlast',
  '\r\n--cut\r\nContent-Disposition: form-data; name="later"\r\n\r\nx\r\n--cut--\r\n',
].join('');

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size), 'latin1');
}

async function read(type: string, text: string, size: number): Promise<string> {
  const found: Buffer[] = [];
  for await (const chunk of formFile(type, inPieces(text, size))) found.push(chunk);
  return Buffer.concat(found).toString('latin1');
}

describe('the file of a form', () => {
  it.each([1, 2, 3, 7, 64, 10_000])('comes out whole, whatever the form is cut into (%i)', async (size) => {
    expect(await read(TYPE, FORM, size)).toBe('first\r\n--cu\r\nlast');
  });
  it('may be empty, and the boundary in quotes', async () => {
    const form = '--a b\r\nContent-Disposition: form-data; name="file"\r\n\r\n\r\n--a b--\r\n';
    expect(await read('multipart/form-data; charset=x; boundary="a b"', form, 5)).toBe('');
  });
  it('is missed where no part is called so, or where there is no form', async () => {
    const form = '--cut\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--cut--\r\n';
    await expect(read(TYPE, form, 10)).rejects.toThrow(FormError);
    await expect(read(TYPE, 'nothing', 10)).rejects.toThrow(FormError);
    await expect(read('application/json', FORM, 10)).rejects.toThrow(FormError);
  });
  it('must not end in the middle', async () => {
    await expect(read(TYPE, FORM.slice(0, FORM.indexOf('last')), 10)).rejects.toThrow('unexpected EOF');
  });
});
