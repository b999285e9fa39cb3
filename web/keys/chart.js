/** Amounts by day -> bars; the table below says the same in numbers. */

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, FOOT, SIDE] = [960, 150, 24, 64];

/** Draw them: [[day, amount]], oldest first. */
export function chart(days, words) {
  const tallest = Math.max(...days.map(([, amount]) => amount), 0);
  // Half of it stands on the axis, too: whole numbers have whole halves.
  const most = tallest % 2 === 1 ? tallest + 1 : tallest;
  const drawing = node("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + FOOT}`, class: "chart", role: "img", "aria-label": summary(days, words, tallest) });
  const step = (WIDTH - SIDE) / days.length;
  for (const share of [0.5, 1]) {
    const y = HEIGHT - share * (HEIGHT - 14);
    drawing.append(node("line", { x1: SIDE, x2: WIDTH, y1: y, y2: y, class: "chart-line" }), text(short(most * share), { x: SIDE - 6, y: y + 4, class: "chart-text end" }));
  }
  days.forEach(([day, amount], at) => {
    const tall = most ? (amount / most) * (HEIGHT - 14) : 0;
    const bar = node("rect", { x: SIDE + at * step + step * 0.12, y: HEIGHT - tall, width: step * 0.76, height: tall, rx: Math.min(3, step * 0.2), class: "chart-bar" });
    bar.append(text(`${day}: ${short(amount)}`, {}, "title"));
    drawing.append(bar);
  });
  drawing.append(node("line", { x1: SIDE, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: "chart-base" }));
  drawing.append(text(days[0][0], { x: SIDE, y: HEIGHT + 18, class: "chart-text" }), text(days.at(-1)[0], { x: WIDTH, y: HEIGHT + 18, class: "chart-text end" }));
  return drawing;
}

function summary(days, words, most) {
  const busiest = days.find(([, amount]) => amount === most);
  return `${words} by day, from ${days[0][0]} to ${days.at(-1)[0]}. Most on ${busiest[0]}: ${short(most)}.`;
}

const short = (number) => new Intl.NumberFormat("en", { notation: number >= 10_000 ? "compact" : "standard", maximumFractionDigits: number < 10 ? 2 : 1 }).format(number);

function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function text(words, attributes, name = "text") {
  const made = node(name, attributes);
  made.textContent = words;
  return made;
}
