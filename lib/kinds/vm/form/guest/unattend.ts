import { type Text, text } from '@/lib/text';

/**
 * What is wrong with an answer file for Windows' setup: it must be well-formed XML whose root is `unattend` (of Windows'
 * own namespace). Setup says nothing of a file that it can't read; it just asks its questions.
 */
export function unattendProblem(content: string): { line: number; message: Text } | undefined {
  if (content.trim() === '') return { line: 1, message: text('guest.xml.empty') };
  const found = firstError(content);
  return found && { line: content.slice(0, found.at).split('\n').length, message: found.message };
}

const NAMESPACE = 'urn:schemas-microsoft-com:unattend';
const NAME = '[A-Za-z_:][\\w:.-]*';
const ATTRIBUTES = new RegExp(`^(\\s+${NAME}\\s*=\\s*("[^"<]*"|'[^'<]*'))*\\s*$`);
const TAG = new RegExp(`^<(/?)(${NAME})([^>]*?)(/?)>`);

function firstError(content: string): { at: number; message: Text } | undefined {
  const open: { name: string; at: number }[] = [];
  let root: string | undefined;
  let at = content.startsWith('\uFEFF') ? 1 : 0;
  const skip = (begin: string, end: string) => {
    if (!content.startsWith(begin, at)) return false;
    const stop = content.indexOf(end, at + begin.length);
    at = stop < 0 ? content.length : stop + end.length;
    return true;
  };
  while (at < content.length) {
    if (content[at] !== '<') {
      const next = content.indexOf('<', at);
      const words = content.slice(at, next < 0 ? undefined : next);
      const bare = /&(?!(#\d+|#x[\da-f]+|\w+);)/i.exec(words);
      if (bare) return { at: at + bare.index, message: text('guest.xml.ampersand') };
      if (open.length === 0 && words.trim() !== '')
        return { at: at + words.search(/\S/), message: text('guest.xml.outside') };
      at = next < 0 ? content.length : next;
      continue;
    }
    if (skip('<!--', '-->') || skip('<![CDATA[', ']]>') || skip('<?', '?>') || skip('<!DOCTYPE', '>'))
      continue;
    const tag = TAG.exec(content.slice(at));
    if (!tag) return { at, message: text('guest.xml.tag') };
    const [whole = '', closing, name = '', attributes = '', empty] = tag;
    if (closing) {
      const last = open.pop();
      if (last?.name !== name)
        return {
          at,
          message: last
            ? text('guest.xml.crossed', { name, open: last.name })
            : text('guest.xml.unopened', { name }),
        };
    } else {
      if (!ATTRIBUTES.test(attributes)) return { at, message: text('guest.xml.attribute', { name }) };
      if (open.length === 0) {
        if (root !== undefined) return { at, message: text('guest.xml.twoRoots') };
        root = name;
        if (name.split(':').at(-1) !== 'unattend') return { at, message: text('guest.xml.root', { name }) };
        if (!attributes.includes(NAMESPACE))
          return { at, message: text('guest.xml.namespace', { namespace: NAMESPACE }) };
      }
      if (!empty) open.push({ name, at });
    }
    at += whole.length;
  }
  const left = open.at(-1);
  if (left) return { at: left.at, message: text('guest.xml.unclosed', { name: left.name }) };
  return root === undefined ? { at: 0, message: text('guest.xml.noRoot') } : undefined;
}
