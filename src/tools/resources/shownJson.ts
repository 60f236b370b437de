import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';

/** Documents that people write nest far less, and the stack must hold. */
const maxDepth = 200;

/** A copy of a JSON value in which every text, names included, shows what cannot be seen. */
export function shownJson(value: unknown): unknown {
  return shown(value, 0);
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return escapeUnseen(value);
  if (depth > maxDepth) return '[nested too deep]';
  if (Array.isArray(value)) return value.map((item) => shown(item, depth + 1));
  if (!isRecord(value)) return value;
  // `fromEntries` defines members, so that one called `__proto__` is a member like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [escapeUnseen(name), shown(member, depth + 1)]),
  );
}
