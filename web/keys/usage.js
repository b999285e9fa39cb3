/** What was used: days as bars, and keys with their models in a table. */

import * as v1 from "../v1.js";
import { field } from "../ask.js";
import { el } from "../dom.js";
import { empty, skeleton } from "../empty.js";
import { chart } from "./chart.js";

const SPANS = [[7, "Last 7 days"], [30, "Last 30 days"], [90, "Last 90 days"]];
const AMOUNTS = {
  requests: { words: "Requests", of: (row) => row.requests },
  tokens: { words: "Tokens", of: (row) => row.prompt_tokens + row.completion_tokens },
  cost: { words: "Cost", of: (row) => row.cost },
};
const DAY = 86_400_000;

/** Build it: {element, fill}. `names` has the name of each key, by its id. */
export function usage({ names, signal }) {
  const span = el("select", { name: "span" }, ...SPANS.map(([days, words]) => el("option", { value: days }, words)));
  const amount = el("select", { name: "amount" }, ...Object.entries(AMOUNTS).map(([name, { words }]) => el("option", { value: name }, words)));
  const key = el("select", { name: "key" }, el("option", { value: "" }, "All keys"));
  const model = el("select", { name: "model" }, el("option", { value: "" }, "All models"));
  const place = el("div", {}, skeleton(4, "Loading usage"));
  span.value = "30";
  let rows = [];
  const draw = () => {
    const found = rows.filter((row) => (!key.value || row.key === key.value) && (!model.value || row.model === model.value));
    place.replaceChildren(...shown(found, { days: days(Number(span.value)), amount: AMOUNTS[amount.value], names }));
  };
  const fill = async () => {
    try {
      const wanted = days(Number(span.value));
      rows = await v1.usage(wanted[0], wanted.at(-1), signal);
      if (signal.aborted) return;
      choices(key, rows.map((row) => [row.key, names.get(row.key) ?? row.key]));
      choices(model, rows.map((row) => [row.model, row.model]));
      draw();
    } catch (problem) {
      if (problem.name === "AbortError" || problem.status === 401) return;
      place.replaceChildren(empty({ drawing: "warning", bad: true, title: "Usage cannot be shown", text: problem.message, actions: [{ label: "Try again", main: true, run: fill }] }));
    }
  };
  span.addEventListener("change", fill);
  for (const select of [amount, key, model]) select.addEventListener("change", draw);
  const filters = el("div", { class: "filters" }, field("When", span), field("What", amount), field("Key", key), field("Model", model));
  return { element: el("section", { class: "usage", "aria-labelledby": "usage-title" }, el("h2", { id: "usage-title" }, "Usage"), filters, place), fill };
}

/** Days as the server counts them, in UTC, oldest first. */
function days(count) {
  const today = Date.now();
  return Array.from({ length: count }, (_, ago) => new Date(today - (count - 1 - ago) * DAY).toISOString().slice(0, 10));
}

function choices(select, found) {
  const kept = select.value;
  const known = [...new Map(found)].sort((a, b) => a[1].localeCompare(b[1]));
  select.replaceChildren(select.firstChild, ...known.map(([value, words]) => el("option", { value }, words)));
  select.value = known.some(([value]) => value === kept) ? kept : "";
}

function shown(rows, { days, amount, names }) {
  if (rows.length === 0) return [empty({ drawing: "spark", title: "Nothing was used", text: "Requests to models appear here a few seconds after they were answered." })];
  const perDay = days.map((day) => [day, rows.filter((row) => row.day === day).reduce((sum, row) => sum + amount.of(row), 0)]);
  return [chart(perDay, amount.words), table(rows, names)];
}

const COLUMNS = [["Requests", "requests"], ["Failed", "failures"], ["Tokens read", "prompt_tokens"], ["Tokens written", "completion_tokens"], ["Cost", "cost"]];

function table(rows, names) {
  const sums = new Map();
  for (const row of rows) {
    const place = `${row.day}\n${row.key}\n${row.model}`;
    const sum = sums.get(place) ?? { day: row.day, key: row.key, model: row.model, requests: 0, failures: 0, prompt_tokens: 0, completion_tokens: 0, cost: 0 };
    for (const [, name] of COLUMNS) sum[name] += row[name];
    sums.set(place, sum);
  }
  const found = [...sums.values()].sort((a, b) => b.day.localeCompare(a.day) || b.requests - a.requests);
  const total = (name) => found.reduce((sum, row) => sum + row[name], 0);
  const line = (row) => el("tr", {}, el("th", { scope: "row" }, row.day), el("td", { dir: "auto" }, names.get(row.key) ?? row.key), el("td", {}, row.model), ...COLUMNS.map(([, name]) => el("td", { class: "number" }, written(row[name]))));
  return el(
    "div",
    { class: "wide-table", tabindex: "0", role: "region", "aria-label": "Usage by day, key and model" },
    el(
      "table",
      { class: "usage-table" },
      el("thead", {}, el("tr", {}, ...["Day", "Key", "Model"].map((words) => el("th", { scope: "col" }, words)), ...COLUMNS.map(([words]) => el("th", { scope: "col", class: "number" }, words)))),
      el("tbody", {}, ...found.map(line)),
      el("tfoot", {}, el("tr", {}, el("th", { scope: "row", colspan: 3 }, "Together"), ...COLUMNS.map(([, name]) => el("td", { class: "number" }, written(total(name)))))),
    ),
  );
}

const written = (number) => number.toLocaleString("en", { maximumFractionDigits: number < 1 ? 4 : 2 });
