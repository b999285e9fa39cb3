/** Seconds, dates and bytes -> how people write them. */

const two = (number) => String(number).padStart(2, "0");

/** Write a time of the recording: 0:00, 12:34, 1:02:03. */
export function clock(time) {
  const whole = Math.max(0, Math.floor(time));
  const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hour ? `${hour}:${two(minute)}:${two(second)}` : `${minute}:${two(second)}`;
}

const some = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;

/** Say a time for those who listen to the page: 1 hour 2 minutes 3 seconds. */
export function spoken(time) {
  const whole = Math.max(0, Math.floor(time));
  const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const said = [hour && some(hour, "hour"), minute && some(minute, "minute"), second && some(second, "second")];
  return said.filter(Boolean).join(" ") || "0 seconds";
}

/** Write a length: 45 s, 28 min, 5 h 3 min; nothing where it is not known. */
export function length(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const FAR_DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const NEAR = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** Write when something happened: Today 14:05, Yesterday 09:10, Mon 3 Nov 09:10, 3 Nov 2024. */
export function when(iso, now = new Date()) {
  const date = new Date(iso);
  const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate());
  const days = Math.round((midnight(date) - midnight(now)) / 86_400_000);
  if (days === 0 || days === -1) {
    const near = NEAR.format(days, "day");
    return `${near[0].toLocaleUpperCase()}${near.slice(1)} ${HOUR.format(date)}`;
  }
  return date.getFullYear() === now.getFullYear() ? `${DAY.format(date)}, ${HOUR.format(date)}` : FAR_DAY.format(date);
}

/** Write a date in full. */
export const fully = (iso) => FULL.format(new Date(iso));

/** Write a day that comes as 2026-11-05: Thu 5 Nov. */
export const day = (iso) => DAY.format(new Date(`${iso}T12:00`));

/** Write a number of bytes: 812 kB, 27.4 MB. */
export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [size, unit] = [count, 0];
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${unit && size < 100 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
