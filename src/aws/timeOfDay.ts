/**
 * A time as people say it, e.g. `17:40`; with the date where that is not today's.
 * @param milliseconds since the epoch.
 */
export function timeOfDay(milliseconds: number, now: number = Date.now()): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${time} on ${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
