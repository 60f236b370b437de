/**
 * Bytes as people read them: where they are, sixteen at a time, and what they say in ASCII.
 *
 *     00000000  7b 22 6a 73 6f 6e 72 70  63 22 3a 22 32 2e 30 22  |{"jsonrpc":"2.0"|
 */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = bytes.subarray(at, at + 16);
    const hex = Array.from({ length: 16 }, (_, index) => {
      const byte = part[index];
      return `${byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')}${index === 7 ? ' ' : ''}`;
    });
    const ascii = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.join(' ')}  |${ascii.join('')}|`);
  }
  return lines.join('\n');
}
