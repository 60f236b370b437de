import { isRecord } from './json';

/** The steps of a JSON pointer (RFC 6901) in a URI fragment: `#/$defs/a~1b` leads over `$defs` to `a/b`. */
export function pointerSteps(fragment: string): string[] {
  return fragment
    .slice(1)
    .split('/')
    .slice(1)
    .map((step) => {
      let text = step;
      try {
        text = decodeURIComponent(step);
      } catch {
        // A stray percent sign stands for itself.
      }
      return text.replaceAll('~1', '/').replaceAll('~0', '~');
    });
}

/** What a JSON pointer in a URI fragment leads to; `undefined` where nothing is there. */
export function resolvePointer(root: unknown, fragment: string): unknown {
  let node: unknown = root;
  for (const step of pointerSteps(fragment)) {
    if (Array.isArray(node)) node = (node as unknown[])[Number(step)];
    else node = isRecord(node) && Object.hasOwn(node, step) ? node[step] : undefined;
    if (node === undefined) return undefined;
  }
  return node;
}
