/** Where an engine is to be loaded: asked only where there is a choice. */

import { ask } from "../ask.js";
import { bytes } from "../clock.js";
import { el } from "../dom.js";

/** Return {gpu_device_ids}, {} where there is no choice, or null where the reader left. */
export async function chooseDevices({ key, runtime }, gpus) {
  if (gpus.length === 0) return {};
  const boxes = gpus.map((gpu) => el("label", { class: "tick" }, el("input", { type: "checkbox", name: "gpu", value: gpu.id, checked: runtime.gpu_device_ids.includes(gpu.id) }), el("span", {}, `GPU ${gpu.id}: ${gpu.name}, ${bytes(gpu.memory_total - gpu.memory_used)} free`)));
  const given = await ask({ title: `Load ${key}`, text: "Choose its GPUs; none means the processor.", fields: [el("fieldset", { class: "ticks" }, el("legend", { class: "unseen" }, "GPUs"), ...boxes)], yes: "Load" });
  return given && { gpu_device_ids: given.getAll("gpu").map(Number) };
}
