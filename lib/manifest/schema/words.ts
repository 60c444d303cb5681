/** What YAML 1.1 and 1.2 readers take for something else than a text when it stands without quotes. */
const NO_TEXT =
  /^(?:|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N|[-+]?[\d.][\d_,.eExXoOa-fA-F:+-]*|[-+]?\.(?:inf|nan))$/i;

/** A text as a YAML value, in quotes where it needs them. */
export function writeWord(word: string): string {
  const isPlain =
    /^[A-Za-z0-9_./$<(]/.test(word) &&
    !/[\n\t"\\]|: |:$| #|[ ]$/.test(word) &&
    !/[{}[\],]/.test(word) &&
    !NO_TEXT.test(word);
  return isPlain ? word : JSON.stringify(word);
}
