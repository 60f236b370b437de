import { escapeUnseen } from '../src/core/unseen';

/** Text of others as it may be shown: what cannot be seen is shown as escapes. */
export function shown(text: string | undefined): string {
  return text === undefined ? '' : escapeUnseen(text);
}

/** `10:42:07`, local. */
export function clockTime(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `.113`. */
export function milliseconds(time: number): string {
  return `.${String(time % 1000).padStart(3, '0')}`;
}

/** Date, time and zone, for hovering and for the detail. */
export function exactTime(time: number): string {
  const date = new Date(time);
  const pad = (part: number): string => String(part).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const zone = `UTC${offset < 0 ? '−' : '+'}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${clockTime(time)}${milliseconds(time)} ${zone}`;
}

/** A number of milliseconds for a column that says so in its header. */
export function plainMilliseconds(ms: number): string {
  return ms < 9.95 ? ms.toFixed(1) : String(Math.round(ms));
}

/** `84 ms`, `1.24 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${plainMilliseconds(ms)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `84 milliseconds`, `1.24 seconds`: for those who hear it. */
export function spokenDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} milliseconds`;
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(2))} seconds`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} minutes ${seconds % 60} seconds`;
}

/** A size for a column that says `kB` in its header; 1 kB is 1,024 bytes. */
export function plainKilobytes(bytes: number): string {
  const kilobytes = bytes / 1024;
  return kilobytes < 100 ? kilobytes.toFixed(1) : String(Math.round(kilobytes));
}

/** `310 bytes`, `12.1 kB`, `3.4 MB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} kB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** `~310`, `~2.1k`. */
export function tokenCount(tokens: number): string {
  return tokens < 1000 ? `~${tokens}` : `~${(tokens / 1000).toFixed(1)}k`;
}

/** `1,204`, in the language of the editor. */
export function count(value: number): string {
  return value.toLocaleString();
}

/** `1 exchange`, `1,204 exchanges`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
