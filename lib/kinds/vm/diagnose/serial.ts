/** What a guest's serial line gives away of how far it came. */
export interface SerialSigns {
  /** It has printed nothing at all. */
  isSilent: boolean;
  /** A login prompt, or the line that getty prints above it. */
  hasLogin: boolean;
  /** The line with which firmware, boot loader or kernel gave up. */
  stuck?: { at: 'firmware' | 'bootloader' | 'kernel' | 'emergency'; line: string };
  /** What cloud-init complained of, in its words. */
  cloudInit: string[];
}

const STUCK: [at: NonNullable<SerialSigns['stuck']>['at'], pattern: RegExp][] = [
  [
    'firmware',
    /no bootable (?:device|option)|boot failed: not a bootable disk|not a bootable disk|fatal: (?:no bootable|could not read from the boot)|^\s*shell>/i,
  ],
  ['bootloader', /grub rescue>|error: no such (?:device|partition)|minimal bash-like line editing/i],
  ['kernel', /kernel panic - not syncing|unable to mount root fs/i],
  [
    'emergency',
    /you are in emergency mode|entering emergency mode|give root password for maintenance|dropped into (?:a )?shell|\(initramfs\)\s*$/i,
  ],
];
const CLOUD_INIT = /cloud-init.*(?:WARNING|ERROR)|Failed loading yaml blob|Unhandled non-multipart/i;

export function serialSigns(text: string): SerialSigns {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const filled = lines.filter((line) => line.trim() !== '');
  const isLogin = (line: string) => /\blogin: *\S*$/i.test(line) || /\b(?:tty(?:S|AMA)\d+|hvc0)$/.test(line);
  // A machine that was started again has printed all of its earlier starts: the last word counts.
  const lastLogin = filled.findLastIndex(isLogin);
  const stuck = filled
    .flatMap((line, index) => {
      const kind = STUCK.find(([, pattern]) => pattern.test(line));
      return kind ? [{ index, at: kind[0], line: line.trim() }] : [];
    })
    .at(-1);
  const cloudInit = filled.filter((line) => CLOUD_INIT.test(line)).map((line) => line.trim());
  return {
    isSilent: filled.length === 0,
    hasLogin: lastLogin >= 0 && !(stuck && stuck.index > lastLogin),
    ...(stuck && stuck.index > lastLogin ? { stuck: { at: stuck.at, line: stuck.line } } : {}),
    cloudInit: [...new Set(cloudInit)].slice(-5),
  };
}
