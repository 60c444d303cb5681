/**
 * QEMU's arguments for the process that a guest moves into: those of the process that has it, with sockets and logs of
 * its own. Whatever the machine is made of (size, firmware, controllers), both have to agree in it.
 *
 * Its memory is its own: what was mapped from a template is copied over with the rest. The generation id goes along,
 * because a guest that moves was not copied and must not draw new random numbers as if it were.
 * Drives that were there from the first (`pieceArguments`) are left out.
 * @param source the words of the running process' command line, the program's name first.
 */
export function targetArguments(
  source: readonly string[],
  { from, to, id, generation }: { from: string; to: string; id: string; generation: string | undefined },
): string[] {
  const [, ...words] = source;
  const target: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    // A medium may have been changed since: those that say what was in the drives at first are made anew.
    const isPiece = (word === '-device' || word === '-blockdev') && words[index + 1]?.startsWith('{');
    if (word === '-name') {
      target.push(word, `portlight-${id}`);
      index += 1;
    } else if (word === '-incoming' || isPiece) index += 1;
    else target.push(withGeneration(ownMemory(word.replaceAll(`${from}/`, `${to}/`)), generation));
  }
  return [...target, '-incoming', 'defer'];
}

function ownMemory(word: string): string {
  if (!word.startsWith('memory-backend-file,id=ram,')) return word;
  const kept = word
    .split(/(?<!,),(?!,)/)
    .filter((option) => !option.startsWith('mem-path=') && !option.startsWith('share='));
  return ['memory-backend-ram', ...kept.slice(1)].join(',');
}

function withGeneration(word: string, generation: string | undefined): string {
  return generation && word.startsWith('vmgenid,') ? word.replace(/guid=[^,]*/, `guid=${generation}`) : word;
}
