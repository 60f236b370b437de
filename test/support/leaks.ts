import * as fs from 'node:fs';
import * as path from 'node:path';

/** All files below a folder, without the subfolders named. */
export function filesBelow(folder: string, without: readonly string[] = []): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (without.includes(file)) return [];
    return entry.isDirectory() ? filesBelow(file, without) : entry.isFile() ? [file] : [];
  });
}

/** A text that must hold no secret, with where it comes from. */
export interface Output {
  name: string;
  text: string;
}

/** Names of the outputs that hold one of the secrets, as they are or in the forms that addresses and JSON give them. */
export function findLeaks(secrets: Iterable<string>, outputs: readonly Output[]): string[] {
  const wanted = [...secrets].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]);
  return outputs.filter(({ text }) => wanted.some((secret) => text.includes(secret))).map(({ name }) => name);
}
