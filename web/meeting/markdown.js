/** A summary -> Markdown, for notes and mails. */

import { clock } from "../clock.js";
import { howCompared } from "./compared.js";

const plain = (text) => text.replace(/\s+/g, " ").replace(/([\\`*_{}[\]<>#|])/g, "\\$1").trim();

/** Write the summary; each point ends with the times of what it rests on. */
export function summaryAsMarkdown(summary, talk, slides, title) {
  const times = ({ evidence, slides: shown = [] }) => {
    const starts = evidence.map((id) => talk.utterances[talk.place(id)]?.start).filter((start) => start !== undefined);
    const seen = shown.map((id) => slides.known(id)).filter(Boolean);
    const cited = [...starts.map(clock), ...seen.map((slide) => `slide ${clock(slide.start)}${slide.title ? ` (${plain(slide.title)})` : ""}`)];
    return cited.length ? ` [${cited.join(", ")}]` : "";
  };
  const words = (text) => plain(summary.extractive ? text : talk.called(text));
  const point = (made) => `- ${words(made.text)}${times(made)}`;
  const action = ({ task, owner, due, due_date: date, ...cites }) => {
    const when = [due && !task.toLowerCase().includes(due.toLowerCase()) && plain(due), date].filter(Boolean).join(", ");
    return `- [ ] ${owner ? `**${plain(talk.name(owner))}**: ` : ""}${words(task)}${when ? ` (${when})` : ""}${times(cites)}`;
  };
  const part = (name, items) => (items.length ? [`## ${name}`, "", ...items, ""] : []);
  return [
    `# ${plain(title)}`,
    "",
    ...(summary.extractive ? ["*Sentences taken from the transcript.*", ""] : []),
    ...(howCompared(summary) ? [`*${howCompared(summary)}*`, ""] : []),
    ...(summary.overview ? [words(summary.overview), ""] : []),
    ...part("Decisions", summary.decisions.map(point)),
    ...part("To do", summary.actions.map(action)),
    ...part("Open questions", summary.questions.map(point)),
    ...summary.topics.flatMap((topic) => part(`${words(topic.title)} (${clock(topic.start)}–${clock(topic.end)})`, topic.points.map(point))),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}
