/** A name that is offered by several servers, or nearly the same name. */
export interface Twin {
  /** Which other server offers it, as people see it. */
  server: string;
  /** The name there. */
  name: string;
}

export interface NamedList {
  /** Names the server, by which its twins are found. */
  key: string;
  label: string;
  names: Iterable<string>;
}

/** How many others are kept for a name: a person needs no more to see the point. */
const maxTwins = 5;

/**
 * Finds names that a model or a client which puts all servers in one list may mix up: the same ones, and those that
 * differ only in case, hyphens, underscores and dots.
 * @returns for each server by its key, for each of its names, the others that are like it
 */
export function findTwins(lists: readonly NamedList[]): Map<string, Map<string, Twin[]>> {
  const alike = new Map<string, { key: string; label: string; name: string }[]>();
  for (const { key, label, names } of lists) {
    for (const name of new Set(names)) {
      const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, '');
      const entry = { key, label, name };
      const known = alike.get(plain);
      if (known) known.push(entry);
      else alike.set(plain, [entry]);
    }
  }
  const twins = new Map<string, Map<string, Twin[]>>();
  for (const group of alike.values()) {
    if (group.length < 2) continue;
    for (const one of group) {
      const others: Twin[] = [];
      for (const other of group) {
        if (other === one) continue;
        others.push({ server: other.label, name: other.name });
        if (others.length === maxTwins) break;
      }
      const ofServer = twins.get(one.key);
      if (ofServer) ofServer.set(one.name, others);
      else twins.set(one.key, new Map([[one.name, others]]));
    }
  }
  return twins;
}
