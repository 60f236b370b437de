/** Something that was found out about an exchange besides what its messages say. */
export interface Finding {
  /** `error`: the protocol or a schema forbids it. `warning`: it may not work everywhere. `info`: what a part means. */
  severity: 'error' | 'warning' | 'info';
  /** Which check found it: the rules of the protocol, or a tool's own schema. */
  check: 'protocol' | 'schema';
  message: 'request' | 'response';
  /** Where in the message, as one writes it in JavaScript: `result.items[3]`. */
  path?: string;
  /** One sentence. */
  text: string;
  /** `seq` of another exchange that it is about. */
  seq?: number;
}

/** Adds a step to a path. */
export function joinPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
