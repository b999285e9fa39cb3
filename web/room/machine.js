/** Processor, memory and cards as meters. */

import { bytes } from "../clock.js";
import { el } from "../dom.js";

/** Make the section. */
export function machine() {
  const tiles = el("div", { class: "tiles" });
  const note = el("p", { class: "hint" });
  const element = el("section", { "aria-labelledby": "room-machine" }, el("h2", { id: "room-machine" }, "Machine"), tiles, note);
  const show = ({ cpu, memory, gpus, gpu_error }) => {
    const used = memory.total - memory.available;
    tiles.replaceChildren(
      tile("Processor", `${cpu.cores} cores`, [meter("Load", Math.min(1, cpu.load), `${Math.round(cpu.load * 100)} %`)]),
      tile("Memory", bytes(memory.total), [meter("Used", used / memory.total, bytes(used)), fact("This server", bytes(memory.server))]),
      ...gpus.map(card),
    );
    note.className = gpu_error ? "problem" : "hint";
    note.textContent = gpu_error ?? (gpus.length ? "" : "No NVIDIA GPU: engines run on the processor.");
  };
  return { element, show };
}

const card = (gpu) =>
  tile(`GPU ${gpu.id}`, `${gpu.name} · driver ${gpu.driver}`, [
    gpu.load === null ? fact("Load", "not told") : meter("Load", gpu.load, `${Math.round(gpu.load * 100)} %`),
    meter("Memory", gpu.memory_total ? gpu.memory_used / gpu.memory_total : 0, `${bytes(gpu.memory_used)} of ${bytes(gpu.memory_total)}`),
    gpu.temperature !== null && fact("Temperature", `${Math.round(gpu.temperature)} °C`),
    gpu.power !== null && fact("Power", `${Math.round(gpu.power)} W`),
  ]);

const tile = (name, about, rows) =>
  el("div", { class: "card tile" }, el("h3", {}, name), el("p", { class: "about" }, about), el("dl", {}, ...rows.flat()));

const fact = (name, value) => [el("dt", {}, name), el("dd", {}, value)];

const meter = (name, share, value) => [
  el("dt", {}, name),
  el("dd", {}, value),
  el("dd", { class: "meter" }, el("progress", { max: 1, value: share, class: share > 0.9 ? "full" : null, "aria-label": `${name}: ${value}` })),
];
