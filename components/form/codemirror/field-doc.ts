import type { FieldWords } from '../schema/field-words';

/** The documentation of a field as it stands beside a list or at the cursor. */
export function fieldDom(words: FieldWords): HTMLElement {
  const box = document.createElement('div');
  box.className = 'cm-field';
  const head = box.appendChild(document.createElement('div'));
  head.className = 'cm-field-head';
  const name = head.appendChild(document.createElement('code'));
  name.textContent = words.name;
  head.append(` ${words.facts}`);
  const description = box.appendChild(document.createElement('div'));
  description.className = 'cm-field-description';
  description.textContent = words.description;
  for (const line of words.lines) {
    const paragraph = box.appendChild(document.createElement('div'));
    paragraph.className = 'cm-field-line';
    paragraph.textContent = line;
  }
  return box;
}

export function fieldSentence({ name, facts, description, lines }: FieldWords): string {
  return [`${name}: ${facts}.`, description, ...lines].join(' ');
}
