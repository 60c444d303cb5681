/** A word that a POSIX shell reads as exactly `text`, whatever stands in it. */
export function shellWord(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}

/** A command line of `words`, each quoted. */
export function shellCommand(name: string, ...words: string[]): string {
  return [name, ...words.map(shellWord)].join(' ');
}
