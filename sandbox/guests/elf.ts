interface Section {
  name: string;
  type: number;
  offset: number;
  size: number;
  link: number;
}

const DYNAMIC_SECTION = 6;
const DYNAMIC_NEEDED = 1n;

function cString(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, bytes.indexOf(0, offset));
}

/** The sections of a 64-bit little-endian ELF file. @throws when it is none. */
function sections(elf: Buffer): Section[] {
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) {
    throw new Error('not a 64-bit little-endian ELF file');
  }
  const start = Number(elf.readBigUInt64LE(0x28));
  const entrySize = elf.readUInt16LE(0x3a);
  const count = elf.readUInt16LE(0x3c);
  const raw = Array.from({ length: count }, (_, index) => {
    const at = start + index * entrySize;
    return {
      nameOffset: elf.readUInt32LE(at),
      type: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      size: Number(elf.readBigUInt64LE(at + 32)),
      link: elf.readUInt32LE(at + 40),
    };
  });
  const names = raw[elf.readUInt16LE(0x3e)]?.offset ?? 0;
  return raw.map(({ nameOffset, ...rest }) => ({ ...rest, name: cString(elf, names + nameOffset) }));
}

/** The names (DT_NEEDED) of the shared libraries that an ELF program or library loads; empty for a static one. */
export function neededLibraries(elf: Buffer): string[] {
  const all = sections(elf);
  const dynamic = all.find((section) => section.type === DYNAMIC_SECTION);
  if (!dynamic) return [];
  const strings = all[dynamic.link]?.offset ?? 0;
  const needed: string[] = [];
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    if (elf.readBigUInt64LE(at) !== DYNAMIC_NEEDED) continue;
    needed.push(cString(elf, strings + Number(elf.readBigUInt64LE(at + 8))));
  }
  return needed;
}

/** The `key=value` strings of a kernel module's .modinfo section, in order; keys may repeat. */
export function moduleInfo(elf: Buffer): [key: string, value: string][] {
  const section = sections(elf).find((candidate) => candidate.name === '.modinfo');
  if (!section) return [];
  const text = elf.toString('latin1', section.offset, section.offset + section.size);
  return text
    .split('\0')
    .filter(Boolean)
    .map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

const LAUNCHER_BASE = 0x400000;
const LAUNCHER_HEADERS = 64 + 56;

/**
 * A static program of some 200 bytes that becomes root for good and then runs `script` with its own arguments and
 * environment. Installed set-uid and executable for one group only, it is the guest's `sudo`: busybox has none, Linux
 * ignores the set-uid bit of scripts, and Debian's sudo would bring PAM and a dozen libraries into every guest.
 *
 * The code, for the x86-64 system call interface: setgid(0), setgroups(0, null), setuid(0),
 * execve(script, argv, envp), exit(127).
 */
export function setuidLauncher(script: string): Buffer {
  const code = Buffer.from(
    [
      '31ff', // xor edi, edi
      'b86a000000 0f05', // setgid(0)
      '31f6 b874000000 0f05', // setgroups(0, null)
      'b869000000 0f05', // setuid(0)
      '488b0424', // mov rax, [rsp]: argc
      '488d742408', // lea rsi, [rsp+8]: argv
      '488d54c410', // lea rdx, [rsp+rax*8+16]: envp
      '488d3d13000000', // lea rdi, [rip+19]: the path behind the code
      'b83b000000 0f05', // execve
      'bf7f000000 b83c000000 0f05', // exit(127)
    ]
      .join('')
      .replaceAll(' ', ''),
    'hex',
  );
  const body = Buffer.concat([code, Buffer.from(`${script}\0`)]);
  const header = Buffer.alloc(LAUNCHER_HEADERS);
  const fileSize = BigInt(LAUNCHER_HEADERS + body.length);
  Buffer.from('7f454c46020101', 'hex').copy(header);
  header.writeUInt16LE(2, 16); // an executable
  header.writeUInt16LE(62, 18); // for x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(LAUNCHER_BASE + LAUNCHER_HEADERS), 24); // entry
  header.writeBigUInt64LE(64n, 32); // program headers follow
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // one loadable segment,
  header.writeUInt32LE(5, 68); // readable and executable
  header.writeBigUInt64LE(BigInt(LAUNCHER_BASE), 80);
  header.writeBigUInt64LE(BigInt(LAUNCHER_BASE), 88);
  header.writeBigUInt64LE(fileSize, 96);
  header.writeBigUInt64LE(fileSize, 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, body]);
}
